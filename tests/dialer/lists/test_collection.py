import gc

from dialer.lists import collection


def test_no_collection_begins_until_the_last_block_is_over() -> None:
    with collection.postponed():
        with collection.postponed():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
