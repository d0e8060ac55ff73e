from adapters.console.render.text import NEAREST


def test_other_encodings_get_the_nearest_characters():
    drawn = "👍 2 · “Schrödinger\N{EN DASH}Łódź” … ✎ 日本"
    assert drawn.encode("ascii", NEAREST) == b'up 2 - "Schrodinger-?odz" ... edited ??'
    assert "é".encode("latin-1", NEAREST) == b"\xe9"
