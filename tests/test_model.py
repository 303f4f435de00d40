import pytest

from corridormap.errors import DataError
from corridormap.model import SourcesFile, read_record


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[source]]\nid = 'a'\n", "missing required field `title`"),
        ("[[source]]\nid = 'A b'\ntitle = 't'\npublisher = 'p'\n", "source[0].id"),
        ("[[source]]\nid = 'a'\ntitle = 1\npublisher = 'p'\n", "source[0].title"),
        ("[[source]]\nid = 'a'\ntitle = 't'\npublisher = 'p'\ncolour = 'red'\n", "unknown field `colour`"),
        ("[[source]", "is not TOML"),
        ("", None),
    ],
)
def test_a_wrong_key_is_named(tmp_path, text, message):
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    if message is None:
        assert read_record(path, SourcesFile).source == []
        return
    with pytest.raises(DataError) as caught:
        read_record(path, SourcesFile)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
