"""The names of the repairs that `Parsed.flags` and `ParseError.flags` may hold."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FLAGS"]

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "args_string": "the arguments stood in a string",
        "bad_escape": "a backslash before a character that needs none was dropped",
        "bare_key": "a parameter's name had no quotes",
        "box_to_point": "a box was given for a point; its centre was taken",
        "box_tokens": "a point stood between box tokens",
        "coerced": "a number in quotes, a text without them, or a choice in another case",
        "comment": "a comment stood in the arguments",
        "control_char": "a line break or tab stood in a string as itself",
        "dropped_call": "a later call was cut off or wrong, and was left out",
        "empty_args": "there was nothing where the arguments should be",
        "extra_brace": "a bracket too many was left out",
        "fence": "the call or its arguments stood in a code fence",
        "fullwidth": "full-width punctuation or digits",
        "key_case": "a parameter's name was written in another case",
        "marker_variant": "a marker was not written as the dialect writes it",
        "missing_brace": "a brace was missing",
        "missing_bracket": "a square bracket was missing",
        "missing_marker": "the arguments followed their function without a marker",
        "missing_paren": "a parenthesis was missing",
        "missing_tag": "a tag of a block was missing",
        "name_case": "the function's name was written in another case",
        "name_trim": "punctuation around the function's name was left out",
        "nested": "a point stood in one list too many",
        "no_args": "a function that needs none was called without arguments",
        "none_args": "the arguments were null",
        "number_form": "a number as JSON5 has it, with a plus or without a digit",
        "paren_args": "the arguments were empty parentheses",
        "point_tag": "a point stood between point tags",
        "python_literal": "True, False or None",
        "quoted_name": "the function's name stood in quotes",
        "rescaled": "a point was given in fractions of the picture",
        "several_calls": "there was more than one call",
        "single_quotes": "a string stood in single quotes",
        "smart_quotes": "a string stood in curly quotes",
        "stop_word_leak": "the text went on with the world's answer; that was cut",
        "tool_call_format": "the call stood in a block, in a dialect of markers",
        "trailing_comma": "a comma too many",
        "trailing_text": "text behind the call was left out",
        "unclosed_think": "the thinking never ended; there is no call in it",
        "unknown_key": "an argument that the function does not have was left out",
        "xy_object": "a point was given as x and y",
    }
)
"""What was repaired or left out, by the flag that says so."""
