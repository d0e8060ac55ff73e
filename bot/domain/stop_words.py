"""English words that say nothing about a paper: searches and the encoder's word vectors leave them out."""

_WORDS = """
a about above after again against all also am among an and any are as at be because been before being
below between both but by can could did do does doing down during each either few for from further had
has have having he her here hers him his how however i if in into is it its itself just may me might
more most much must my neither no nor not now of off on once only or other our out over own per same she
should since so some such than that the their them then there these they this those through thus to too
under until up upon us very via was we were what when where whether which while who whom whose why will
with within without would yet you your
"""
STOP_WORDS = frozenset(_WORDS.split())
"""People put them into questions. The token head was trained without them, so a change asks for training."""
