"""What kind of thing a person says to a robot that works: a few patterns, tried in order."""

from __future__ import annotations

import re

_FILLERS = (
    r"(?:please|hey|robot|ok|okay|oh|um|uh|sorry|actually|well|right|look|could you|can you|would you|"
    r"will you|i said|now)"
)
_FILLER = re.compile(rf"^(?:{_FILLERS}[\s,.!]+)+")
_TAIL = re.compile(r"[\s,.!]+(?:please|robot|thanks|thank you|now|ok|okay)$")
_STOP = re.compile(
    r"(?:s|e-?stop|(?:(?:stop|halt|freeze|whoa|emergency|emergency stop|don't move|do not move|abort)"
    r"(?:[\s,!]+(?:stop|halt|it|now|that|this|right|there|here|moving|at|once|immediately|everything|all|you))*))"
)
_STOP_FIRST = re.compile(r"^(?:stop|halt|freeze)\b")

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("resume", r"(?:resume|go on|continue|carry on|keep going|proceed|unpause|go ahead)(?: then| with it)?"),
    ("pause", (r"(?:pause|hold on|hang on|hold it|not yet|(?:just )?(?:wait|one|a|half a)(?: a| just a| one)?"
              r"(?: (?:moment|second|sec|minute|bit))?|just (?:a|one) (?:moment|second|sec|minute))")),
    ("undo", (r"(?:undo|revert|reverse)(?: (?:it|that|this|the last (?:step|thing|one)))?"
             r"|(?:put|take|bring) (?:it|that|this|them) back(?: where .*| again)?")),
    ("undo_thing", (r"(?:put|take|bring) (?P<thing>(?:the|my|that) .+?) back(?: where .*| again)?"
                   r"|undo (?:that with )?(?P<thing2>the .+)")),
    ("faster", (r"(?:(?:a (?:bit|little)|much|go|move|drive|be|do it|do that) )*(?:faster|quicker|more quickly)"
               r"|hurry(?: up)?|speed up|(?:be )?quick")),
    ("slower", (r"(?:(?:a (?:bit|little)|much|go|move|drive|be|do it|do that) )*(?:slower|more slowly|slowly)"
               r"|slow down|not so fast|too fast|take your time|(?:be )?(?:more )?careful(?:ly)?")),
    ("next", (r"(?:and )?what(?:'s| is| comes)? next|what(?: will| are)? you (?:going to |gonna )?do "
             r"(?:next|then|after(?:wards| that)?)|what happens next")),
    ("status", r"(?:what|why|how come|how far|where are you|are you).*"),
    ("rest", (r"(?:all )?(?:the )?(?:rest|others?|other ones?|remaining (?:ones|things))(?: of (?:it|them))? "
             r"(?:can|may|should|shall|could) (?:stay|remain|wait|be left)(?: .*)?"
             r"|leave (?:all )?the (?:rest|others|other ones)(?: .*)?|no more(?: of (?:them|those))?"
             r"|that(?:'s| is) enough|that will do|only (?:that|this) one|just (?:that|this)(?: one)?")),
    ("not_trash", (r"(?:no[,.!]? )?(?P<thing>that|this|it|the .+?)(?:'s| is|'re| are) not? ?(?:a |an |the )?"
                  r"(?:trash|garbage|rubbish|waste|litter|junk|for the bin|to be thrown away)"
                  r"|(?P<thing2>that|this|it|the .+?) isn't (?:trash|garbage|rubbish|waste|junk)")),
    ("cancel", r"(?:forget|cancel|drop)(?: about)?(?: it| that| this| everything| the whole thing)?|never ?mind"),
    ("task", (r"(?:forget|cancel|drop|never ?mind|stop|leave)(?: about)?(?: it| that| this| everything)?"
             r"(?:[,.;:!]+ ?| and (?:rather |instead )?| ?- ?)(?P<task>(?!it\b|that\b|there\b).{4,})")),
    ("instead", r"(?:no[,.!]? )?not (?P<old>.+?)[,.;:!]+ ?(?:but |rather |i meant? )?(?P<new>.+)"),
    ("instead", r"(?:no[,.!]? ?)?i meant? (?P<new>.+?)(?:[,.]? not (?P<old>.+))?"),
    ("instead", r"(?P<new>(?:the|that|this|my) .+?)(?:,)? not (?P<old>.+)"),
    ("instead", r"no[,.!]? (?:take |use )?(?P<new>(?:the|on|in|into|onto|to) .+)"),
    ("instead", r"(?:take |use |rather )?(?P<new>(?:the|on the|in the|into the|onto the|to the) .+?) instead"),
    ("instead", r"(?P<new>the (?:other|\w+) one)"),
    ("not", (r"(?:no[,.!]? ?)?not (?P<thing>that one|that|this one|this|the .+|there)"
            r"|(?:the )?(?P<thing2>wrong (?:one|.+))")),
    ("leave", (r"(?:please )?leave (?P<thing>it|that(?: one)?|this(?: one)?|them|the .+?|my .+?)"
              r"(?: alone| be| there| here| where it is| where they are| as it is| out)*")),
    ("leave", (r"(?:don't|do not|never) (?:touch|take|move|pick up|throw away|throw|bring|carry|put away) "
              r"(?P<thing>.+?)(?: away)?")),
    ("leave", (r"(?P<thing>that(?: one)?|this(?: one)?|the .+?|my .+?) (?:can|may|should|shall) "
              r"(?:stay|remain)(?: .*)?|keep (?P<thing2>the .+)")),
    ("also", r"(?:and )?(?:also|additionally|besides)[, ]+(?P<task>.+)"),
    ("also", r"(?:and )?(?:then|after that|afterwards|when (?:you are|you're) done|and)[, ]+(?P<task>.+)"),
    ("also", r"(?P<task>.+?)[, ]+(?:too|as well|also|afterwards|when you(?:'re| are) done)"),
    ("task", r"(?:instead|rather)[, ]+(?P<task>.+)"),
    ("task", r"(?:no[,.!]? ?)?(?P<task>.+?)[, ]+instead"),
    ("task", r"no[,.!] ?(?P<task>.{4,})"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(rf"^(?:{pattern})$")) for kind, pattern in _PATTERNS)


def plain(said: str) -> str:
    """Lower case, without courtesy and without the mark at the end."""
    text = " ".join(said.lower().replace("’", "'").split()).strip(" .!?,;")
    text = _FILLER.sub("", text)
    return _TAIL.sub("", text).strip(" .!?,;")


def is_stop(said: str) -> bool:
    """Whether it asks for a stop at once; decided by comparing words, so that it takes no time."""
    return _STOP.fullmatch(plain(said)) is not None


def begins_with_stop(said: str) -> bool:
    """Whether "stop" is the first word: what cannot be read otherwise is a stop."""
    return _STOP_FIRST.match(plain(said)) is not None


def sort_out(said: str) -> list[tuple[str, dict[str, str]]]:
    """Return the kinds that fit, the likeliest first, with the parts that were named."""
    text = plain(said)
    if text == "s" or is_stop(text):
        return [("stop", {})]
    found = []
    for kind, pattern in _COMPILED:
        match = pattern.match(text)
        if match is not None:
            parts = {k.rstrip("2"): v.strip(" ,.") for k, v in match.groupdict().items() if v}
            found.append((kind, parts))
    return found
