"""Which Polish names are known by heart, because a rule alone could not be certain of them?"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEN = _names(
    """
    Adam Adrian Albert Aleksander Aleksy Alfred Alojzy Ambroży Andrzej Antoni Apolinary Arkadiusz Artur August
    Bartłomiej Bartosz Barnaba Benedykt Benjamin Bernard Błażej Bogdan Bogumił Bogusław Bohdan Bolesław Borys
    Bronisław Cezary Cyprian Cyryl Czesław Damian Daniel Dariusz Dawid Dionizy Dominik Edmund Edward Edwin Emil
    Emilian Eryk Eugeniusz Fabian Feliks Ferdynand Filip Franciszek Fryderyk Gabriel Gerard Gracjan Grzegorz
    Gustaw Henryk Hieronim Hilary Hubert Ignacy Igor Ireneusz Iwan Jacek Jakub Jan Janusz Jarosław Jerzy Jeremi
    Jędrzej Joachim Józef Julian Juliusz Kacper Kajetan Kamil Karol Kazimierz Klemens Konrad Konstanty Kornel
    Kosma Krystian Krzysztof Ksawery Kuba Lech Leon Leonard Leopold Lesław Leszek Lucjan Ludwik Łukasz Maciej
    Maksym Maksymilian Marcel Marcin Marek Marian Mariusz Mateusz Maurycy Michał Mieczysław Mieszko Mikołaj
    Miłosz Miron Mirosław Narcyz Natan Nikodem Norbert Oktawian Olaf Olgierd Oliwier Oskar Patryk Paweł Piotr
    Przemysław Rafał Radosław Remigiusz Robert Roman Romuald Ryszard Samuel Sebastian Sergiusz Seweryn Sławomir
    Stanisław Stefan Sylwester Szczepan Szymon Tadeusz Teodor Tobiasz Tomasz Tymon Tymoteusz Tytus Wacław
    Waldemar Walenty Walerian Wiesław Wiktor Wilhelm Wincenty Wit Witold Władysław Włodzimierz Wojciech Zbigniew
    Zdzisław Zenon Ziemowit Zygmunt
    """
)

# Whose stem is not what the ending promises.
STEMS = {
    "Aleksander": "Aleksandr", "Kacper": "Kacpr", "Paweł": "Pawł", "Sylwester": "Sylwestr", "Mieszko": "Mieszk",
    "Czech": "Czech", "Gaweł": "Gawł", "Jeleń": "Jeleni", "Kołodziej": "Kołodziej", "Krawiec": "Krawc", "Król": "Król",
    "Kupiec": "Kupc", "Kwiecień": "Kwietni", "Lech": "Lech", "Niemiec": "Niemc", "Stępień": "Stępni",
    "Szulc": "Szulc", "Szwed": "Szwed", "Wilk": "Wilk", "Wróbel": "Wróbl", "Zając": "Zając",
}  # fmt: skip

# Borrowed women's names in -nia, -fia, -wia, -bia: genitive in -ii. (After r, l, d, t the rule needs no list.)
WOMEN_IN_II = _names(
    """
    Antonia Apolonia Eufemia Eugenia Ksenia Liwia Oktawia Oliwia Stefania Sylwia Zofia Zenobia
    """
)
WOMEN_IN_I = _names(
    """
    Ania Bronia Frania Hania Kinia Stenia Tonia Genia Henia Mania Sabcia Bogunia
    """
)

ADJECTIVAL_SURNAMES = _names(
    """
    Batory Biały Biała Czarny Czarna Cichy Cicha Dobry Dobra Jasny Jasna Konieczna Konieczny Łysy Łysa Miły Miła
    Nowy Nowa Piękny Piękna Pogodna Pogodny Wesoły Wesoła Wielki Wielka Wolny Wolna Wysoki Wysoka Zielony
    Zielona Żelazna Żelazny
    """
)

NOUN_SURNAMES_IN_A = _names(
    """
    Bryła Cieśla Czapla Czekała Duda Dziura Gajda Gawęda Głowa Gruszka Jagiełła Jagoda Kaleta Kapusta Kawka Kępa
    Kłoda Koza Krupa Kukułka Kula Kulesza Kulka Kurka Lipa Łata Malina Mucha Niedziela Noga Osa Pałka Pestka
    Pietrucha Pięta Pluta Pokrzywa Puchała Rączka Ryba Rzepka Sikora Skiba Skóra Skwara Słoma Smoła Socha Sosna
    Sowa Sroka Strzała Szpila Trela Wrona Zaremba Zaręba Zawada Zięba Żaba
    """
)
