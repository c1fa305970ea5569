"""Questions, complaints and messages, and the review of a decision: through the template, from the form to the end."""

from rightsdesk.domain.lifecycle import Outcome
from tests.support.package import Package
from tests.support.stack import Case, PlayedStack


def thread(stack: PlayedStack, case: Case) -> list[tuple[str, str]]:
    listed = stack.call("GET", f"/staff/requests/{case.reference}/messages", staff="handler").expect(200)
    return [(each["by"], each["text"]) for each in listed["thread"]]


def write(stack: PlayedStack, case: Case, text: str, *, session: str | None = None) -> dict[str, object]:
    stack.canaries.add(text)
    path = f"/api/requests/{case.reference}/message"
    taken = stack.call("POST", path, {"text": text}, bearer=session or stack.session(case)).expect(202)
    stack.local.settle()
    return dict(taken)


def test_a_question_its_thread_its_answer_and_once_more(stack: PlayedStack) -> None:
    maria = stack.new_member(country="DE", orders=1)
    case = stack.submit(maria, type="question", details="Whom do you give my address to, please?")
    stack.canaries.add("Whom do you give my address to, please?")
    stack.verify(case).expect(200)
    view = stack.staff_view(case)
    assert (view["status"], view["next_step"], view["sources"]) == ("awaiting_review", "carry_out_and_say_so", [])
    assert view["due_on"] == view["target_on"] < stack.staff_view(stack.submit(maria))["due_on"]
    assert "POLICY-QUESTION" in str(stack.timeline(case)[0])

    write(stack, case, "I mean the address in Berlin.")
    assert stack.staff_view(case)["reply_awaited"]
    said = {"version": stack.staff_view(case)["version"], "text": "Do you mean your orders or the catalogue?"}
    stack.decide(case, "message", said, by="auditor").expect(403)
    stack.decide(case, "message", said, by="handler").expect(200)
    assert "Do you mean your orders or the catalogue?" in stack.mails_about(case)[-1].text  # it is about nobody's data
    write(stack, case, "The orders.")
    assert [by for by, _ in thread(stack, case)] == ["person", "staff", "person"]

    done = {"version": stack.staff_view(case)["version"], "done": "We give it to our carrier alone.", "kept": {}}
    stack.decide(case, "completion", done).expect(200)
    assert stack.stored(case).outcome is Outcome.FULFILLED
    assert "We give it to our carrier alone." in stack.mails_about(case)[-1].text
    assert [(each["kind"], each["by"], each["text"]) for each in stack.look(case)["messages"]] == [
        ("request", "person", "Whom do you give my address to, please?"),
        ("message", "person", "I mean the address in Berlin."),
        ("message", "staff", "Do you mean your orders or the catalogue?"),
        ("message", "person", "The orders."),
        ("answer", "staff", "We give it to our carrier alone."),
    ]

    taken = write(stack, case, "And who is that carrier?")
    again = Case(reference=str(taken["reference"]), email=case.email, language="en")
    assert again.reference != case.reference
    assert stack.staff_view(again)["status"] == "awaiting_review"  # no code: this mailbox has shown itself
    assert stack.staff_view(again)["follows"] == case.reference
    assert thread(stack, again) == [("person", "And who is that carrier?")]
    assert stack.look(case)["followed_by"] == again.reference
    for each in (case, again):
        assert "carrier" not in str(stack.timeline(each))


def test_a100_a_copy_holds_what_the_desk_itself_has_and_nothing_of_somebody_else(stack: PlayedStack) -> None:
    jane, tom = stack.new_member(orders=1), stack.new_member()
    asked, his = (stack.submit(who, type="question", details=f"What of {who.number}?") for who in (jane, tom))
    for case in (asked, his):
        stack.verify(case).expect(200)
        write(stack, case, f"Of {case.email}, I mean.")
        said = {"version": stack.staff_view(case)["version"], "text": "We have it, and nothing else."}
        stack.decide(case, "message", said, by="handler").expect(200)
        done = {"version": stack.staff_view(case)["version"], "done": "It is what you gave us.", "kept": {}}
        stack.decide(case, "completion", done).expect(200)
    stack.advance(minutes=11)  # between two mails to one address that nobody asked for
    case = stack.to_answer(jane)

    package = Package(stack.download(case))
    assert package.verified().ok
    first, own = package.json("data/requests.json")["requests"]
    assert (first["reference"], own["reference"]) == (asked.reference, case.reference)
    assert (first["details"], first["outcome"]) == (f"What of {jane.number}?", "fulfilled")
    assert [(each["by"], each["text"]) for each in first["messages"]] == thread(stack, asked)
    assert {"verification_code", "message_waiting", "message_answer"} <= {each["letter"] for each in first["letters"]}
    assert [each["type"] for each in first["events"]] == stack.happened(asked)
    assert package.says("We have it, and nothing else.")
    for secret in (tom.email, his.reference, f"What of {tom.number}?", "staff_message", *staff_of(stack, asked)):
        assert not package.says(secret), secret


def staff_of(stack: PlayedStack, case: Case) -> set[str]:
    """The ids of who worked on it."""
    actors = {str(event["actor"]) for event in stack.timeline(case)}
    found = {actor.removeprefix("staff:") for actor in actors if actor.startswith("staff:")}
    assert found
    return found


def test_a52_a_session_of_one_request_neither_reads_nor_writes_another(stack: PlayedStack) -> None:
    jane, tom = stack.new_member(), stack.new_member()
    mine, his = (stack.submit(who, type="complaint", details="You were late.") for who in (jane, tom))
    for case in (mine, his):
        stack.verify(case).expect(200)
    write(stack, his, "For your eyes only.")
    session = stack.session(mine)
    stack.call("POST", f"/api/requests/{his.reference}/message", {"text": "Hello"}, bearer=session).expect(404)
    assert "eyes only" not in str(stack.look(mine, session))
    assert len(thread(stack, his)) == 1


def test_of_a_right_the_mail_says_only_that_a_message_waits(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_review(member)
    said = {"version": stack.staff_view(case)["version"], "text": "We have found the letter of 3 October."}
    stack.decide(case, "message", said, by="handler").expect(200)
    mail = stack.mails_about(case)[-1]
    assert "3 October" not in mail.text
    assert case.reference in mail.text
    assert [each["text"] for each in stack.look(case)["messages"]] == ["We have found the letter of 3 October."]


def test_a_person_looks_again_at_what_a_machine_decided(stack: PlayedStack) -> None:
    member = stack.new_member(orders=2)
    aim = {"decision": "payment_fraud_check", "contests": True}
    case = stack.submit(member, type="automated_decision", details="I have always paid.", aim=aim)
    stack.canaries.add("I have always paid.")
    stack.verify(case).expect(200)
    view = stack.staff_view(case)
    assert (view["status"], view["next_step"]) == ("awaiting_review", "review_decision")
    assert [source["source"] for source in view["sources"]] == ["shop", "orders"]

    read = f"/staff/requests/{case.reference}/review"
    stack.call("GET", read, staff="admin").expect(403)
    facts = stack.call("GET", read, staff="handler").expect(200)
    assert (facts["named"], facts["contests"], facts["view"]) == ("payment_fraud_check", True, "I have always paid.")
    rows = {each["collection"]: each["rows"] for each in facts["facts"]}
    assert "fraud_score" in rows["shop/members"][0]
    assert len(rows["orders/orders"]) == 2
    assert not {"name", "phone"} & set(rows["shop/members"][0])

    result = {
        "version": facts["version"],
        "decision": "payment_fraud_check",
        "result": "changed",
        "reasons": "Two gifts on one day were counted as misuse.",
    }
    done = {"version": facts["version"], "done": "You can pay by card again.", "kept": {}}
    stack.decide(case, "completion", done).expect(409)
    reviewed = stack.decide(case, "review", result, by="handler").expect(200)
    done["version"] = reviewed["version"]
    stack.decide(case, "completion", done, by="handler").expect(403)
    stack.decide(case, "completion", done).expect(200)
    letter = stack.mails_about(case)[-1].text
    for words in ("The decision was changed.", "Two gifts on one day", "patterns of known misuse", "by card again"):
        assert words in " ".join(letter.split())
    stored = stack.stored(case)
    assert stored.outcome is Outcome.FULFILLED
    assert stack.remnants(f"work/{stored.request_id}/") == []
    assert "gifts" not in str(stack.timeline(case))
