"""Mails that come back, as mail servers and providers write them."""

BOUNCE = """\
Return-Path: <>
Delivered-To: {recipient}
From: MAILER-DAEMON@mail.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {recipient}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="A.1/mail.example"

This is a MIME-encapsulated message.

--A.1/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

--A.1/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
X-Postfix-Queue-ID: 4XyZ
Arrival-Date: Wed, 25 Nov 2026 08:00:00 +0000 (UTC)

Final-Recipient: rfc822; ada@example.org
Original-Recipient: rfc822;ada@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: Recipient address rejected:
    User unknown

--A.1/mail.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Paperclub <papers@example.org>
To: ada@example.org
Subject: Papers for Wed 25 Nov 2026
Message-ID: <{token}@example.org>

--A.1/mail.example--
"""
COMPLAINT = """\
From: <abusedesk@provider.example>
Date: Thu, 8 Mar 2026 17:40:36 EDT
Subject: FW: Papers
To: <{recipient}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message received from IP
192.0.2.1 on Thu, 8 Mar 2026 14:00:00 EDT.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: SomeGenerator/1.0
Version: 1

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

Received: from mailserver.example.net
From: <papers@example.org>
To: <Undisclosed Recipients>
Subject: Papers for Wed 25 Nov 2026
Message-ID: <{token}@example.org>

Some papers
--part1_13d.2e68ed54_boundary--
"""


def bounce(recipient="bounces@example.org", token="", action="failed", status="5.1.1") -> bytes:
    return BOUNCE.format(recipient=recipient, token=token, action=action, status=status).encode()


def complaint(recipient="bounces@example.org", token="", feedback="abuse") -> bytes:
    return COMPLAINT.format(recipient=recipient, token=token, feedback=feedback).encode()
