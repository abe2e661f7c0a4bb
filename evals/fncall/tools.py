"""The functions of the benchmark, as OpenAI-style schemas. Knows no picture.

Each description says in which form a value is wanted, so that what is printed decides the
argument and nothing needs guessing.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["TOOLS"]

_DATE = "date, written YYYY-MM-DD"
_TIME = "time of day, written HH:MM on the 24-hour clock"
_AS_PRINTED = "exactly as printed"


def _tool(name: str, description: str, /, **parameters: str | tuple[str, str]) -> dict[str, Any]:
    """Return a schema; a parameter is its description, or (JSON type, description)."""
    typed = {k: ("string", v) if isinstance(v, str) else v for k, v in parameters.items()}
    return {
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": {k: {"type": t, "description": d} for k, (t, d) in typed.items()},
            "required": list(typed),
        },
    }


TOOLS: Mapping[str, Mapping[str, Any]] = {
    tool["name"]: tool
    for tool in (
        _tool(
            "check_train_status",
            "Tell whether a train runs on time.",
            train_number=f"number of the train, {_AS_PRINTED}",
            date=f"departure {_DATE}",
            departure_station=f"where the journey begins, {_AS_PRINTED}",
        ),
        _tool(
            "refund_train_ticket",
            "Give a train ticket back for a refund.",
            ticket_number=f"number of the ticket, {_AS_PRINTED}",
            passenger_name=f"name of the passenger, {_AS_PRINTED}",
        ),
        _tool(
            "reserve_seat",
            "Reserve a seat on a train of a timetable.",
            train_number=f"number of the train, {_AS_PRINTED}",
            destination=f"where to, {_AS_PRINTED}",
            departure_time=f"departure, {_TIME}",
        ),
        _tool(
            "get_flight_status",
            "Look up the status of a flight.",
            flight_number="airline code and number, without a space",
            date=f"departure {_DATE}",
        ),
        _tool(
            "set_boarding_reminder",
            "Remind the traveller to go to the gate.",
            flight_number="airline code and number, without a space",
            gate=f"gate, {_AS_PRINTED}",
            boarding_time=f"when boarding begins, {_TIME}",
        ),
        _tool(
            "log_expense",
            "Enter a payment in the expense book.",
            merchant=f"who was paid, {_AS_PRINTED}",
            date=f"payment {_DATE}",
            total=("number", "amount paid, without currency"),
        ),
        _tool(
            "split_bill",
            "Divide a bill equally.",
            receipt_number=f"number of the receipt, {_AS_PRINTED}",
            total=("number", "amount of the whole bill, without currency"),
            people=("integer", "by how many people it is divided"),
        ),
        _tool(
            "record_temperature",
            "Store a forecast of temperatures.",
            city=f"city, {_AS_PRINTED}",
            date=f"forecast {_DATE}",
            high=("integer", "highest temperature in degrees Celsius"),
            low=("integer", "lowest temperature in degrees Celsius"),
        ),
        _tool(
            "set_rain_alert",
            "Warn of rain in a city.",
            city=f"city, {_AS_PRINTED}",
            chance=("integer", "chance of rain in percent from which to warn"),
        ),
        _tool(
            "add_calendar_event",
            "Put an event into the calendar.",
            title=f"name of the event, {_AS_PRINTED}",
            date=f"event {_DATE}",
            start_time=f"begin, {_TIME}",
            location=f"place, {_AS_PRINTED}",
        ),
        _tool(
            "buy_event_tickets",
            "Buy tickets for an event.",
            title=f"name of the event, {_AS_PRINTED}",
            quantity=("integer", "how many tickets"),
            price=("number", "price of one ticket, without currency"),
        ),
        _tool(
            "create_contact",
            "Add someone to the address book.",
            name=f"full name, {_AS_PRINTED}",
            phone="phone number, digits only",
            email="e-mail address",
        ),
        _tool(
            "register_patient",
            "Register a patient at the practice.",
            name=f"full name, {_AS_PRINTED}",
            birth_date=f"birth {_DATE}",
            insurance_number=f"insurance number, {_AS_PRINTED}",
        ),
        _tool(
            "log_metric",
            "Store a value of a statistic.",
            metric=f"what is counted, {_AS_PRINTED}",
            period=f"period, {_AS_PRINTED}",
            value=("number", "the value, without unit"),
        ),
        _tool(
            "set_metric_goal",
            "Set a goal for a statistic.",
            metric=f"what is counted, {_AS_PRINTED}",
            goal=("number", "the value to reach, without unit"),
        ),
        _tool(
            "translate_text",
            "Translate text.",
            text="what to translate",
            target_language="language to translate into",
        ),
        _tool("web_search", "Search the web.", query="what to search for"),
        _tool("send_message", "Send a message.", recipient="who gets it", text="the message"),
        _tool(
            "book_hotel",
            "Book a hotel room.",
            city="where",
            check_in=f"first night, {_DATE}",
            nights=("integer", "how many nights"),
        ),
        _tool("take_note", "Keep a note.", text="what to keep"),
    )
}
