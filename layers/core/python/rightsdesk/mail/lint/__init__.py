"""The linter of letters: what would be wrong on the day it is sent is said when it is written (abuse case 82).

for finding in lint_letters(folder, merchant):
    print(finding)          # en/refused.txt:11: remedies: ...
"""

from rightsdesk.mail.lint.check import lint_letters
from rightsdesk.mail.lint.finding import Finding

__all__ = ["Finding", "lint_letters"]
