"""How does a name look that a feed writes in capitals?"""


def in_title_case(name: str) -> str:
    """KOWALSKA-ŻAK and kowalska-żak → Kowalska-Żak; mixed case is left as the person writes it."""
    return " ".join(word.title() if word.isupper() or word.islower() else word for word in name.split())
