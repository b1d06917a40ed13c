from engine.suggestions import did_you_mean


def test_did_you_mean() -> None:
    assert did_you_mean("SPECEIS", ["island", "species"]) == " Did you mean species?"
    assert did_you_mean("zzz", ["island", "species"]) == ""
