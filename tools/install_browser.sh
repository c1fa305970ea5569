#!/bin/sh
# Sees to it that there is a Chromium for the browser tests, and a font with Japanese in it.
# Uses the one that is there; else Debian's or Ubuntu's package; else says what to install.
set -eu

say() { printf '%s\n' "$*" >&2; }

if [ "${RIGHTSDESK_NO_BROWSER:-}" = 1 ]; then
    say "RIGHTSDESK_NO_BROWSER=1: the browser tests are left out."
    exit 0
fi

has_browser() {
    [ -n "${RIGHTSDESK_BROWSER:-}" ] && [ -x "$RIGHTSDESK_BROWSER" ] && return
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

has_japanese() {
    [ "$(uname)" != Linux ] || { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=ja)" ]; }
}

wanted=
has_browser || wanted="chromium"
has_japanese || wanted="$wanted fontconfig fonts-noto-cjk"
[ -n "$wanted" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if [ -z "$as_root" ] || $as_root true 2>/dev/null; then
        say "Installing for the browser tests: $wanted"
        # shellcheck disable=SC2086 # the names are words
        $as_root apt-get update -qq >&2 && $as_root apt-get install -y -qq --no-install-recommends $wanted >&2 || true
    fi
fi

if ! has_browser; then
    say "The browser tests need Chromium or Google Chrome, and none was found."
    say "  Debian, Ubuntu:  sudo apt-get install chromium fonts-noto-cjk"
    say "  Fedora:          sudo dnf install chromium google-noto-sans-cjk-fonts"
    say "  macOS:           brew install --cask google-chrome"
    say "  anywhere:        RIGHTSDESK_BROWSER=/path/to/chromium make test"
    say "To test all the rest: RIGHTSDESK_NO_BROWSER=1 make test"
    exit 1
fi
has_japanese || say "There is no Japanese font: the Japanese pages are tested, but their pictures show boxes."
