"""A headless Chromium to test pages in, driven by its DevTools protocol.

A pipe to it needs no other package.
"""

import itertools
import json
import os
import select
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from shutil import which

# there by environment/install.py, where the system has none
UNPACKED = Path(sys.prefix, 'chromium')
TIMEOUT = 60
FLAGS = (
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--hide-scrollbars',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND',  # whatever asks for a host finds none
    '--remote-debugging-pipe',
)


def executable():
    """Path of a Chromium."""
    unpacked = UNPACKED / 'usr/lib/chromium/chromium'
    found = str(unpacked) if unpacked.is_file() else which('chromium')
    assert found, 'there is no Chromium: `make test` unpacks one from packages of Debian 12'
    return found


@contextmanager
def chromium(folder, *flags):
    """Run a browser with a profile of its own in a folder; yields a `Browser`."""
    program, commands, answers = executable(), os.pipe(), os.pipe()
    # the browser reads its file 3 and writes its file 4
    shell = f'exec "$@" 3<&{commands[0]} 4>&{answers[1]}'
    libraries = ':'.join(
        f'{folder}:{folder}/pulseaudio' for folder in UNPACKED.glob('usr/lib/*-linux-gnu')
    )
    process = subprocess.Popen(
        ['bash', '-c', shell, 'chromium', program, *FLAGS, *flags, f'--user-data-dir={folder}'],
        pass_fds=(commands[0], answers[1]),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=dict(os.environ, LD_LIBRARY_PATH=libraries, HOME=str(folder)),
    )
    os.close(commands[0])
    os.close(answers[1])
    browser = Browser(commands[1], answers[0])
    try:
        yield browser
        browser.call('Browser.close')
    finally:
        os.close(commands[1])  # a browser without its pipe ends
        os.close(answers[0])
        process.wait(timeout=TIMEOUT)


class Browser:
    """Commands go out and answers come back as JSON that ends with a zero byte."""

    def __init__(self, commands, answers):
        self._commands, self._answers, self._unread, self._numbers = (
            commands,
            answers,
            b'',
            itertools.count(1),
        )
        self.events = []

    def call(self, method, session=None, **params):
        """Send a command and return its result; events that come before it are kept in `events`."""
        number = next(self._numbers)
        message = dict(id=number, method=method, params=params)
        if session:
            message['sessionId'] = session
        os.write(self._commands, json.dumps(message).encode() + b'\0')
        while True:
            answer = self._read()
            if answer.get('id') == number:
                assert 'error' not in answer, f'{method}: {answer["error"]}'
                return answer['result']
            self.events.append(answer)

    def _read(self):
        while b'\0' not in self._unread:
            assert select.select([self._answers], [], [], TIMEOUT)[0], 'Chromium says nothing'
            part = os.read(self._answers, 1 << 20)
            assert part, 'Chromium has ended'
            self._unread += part
        message, _, self._unread = self._unread.partition(b'\0')
        return json.loads(message)

    def tab(self):
        """Open an empty tab."""
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        tab = Tab(
            self, self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        )
        for domain in ('Page', 'Runtime', 'Network'):
            tab.call(f'{domain}.enable')
        return tab


class Tab:
    """A tab of the browser."""

    def __init__(self, browser, session):
        self.browser, self.session, self.before = browser, session, None

    def open(self, address, width=1280, height=900, phone=False, scripts=True, before='', **media):
        """Open an address in a window of a size, and wait until it is loaded.

        Events of before are forgotten.

        Args:
            phone (bool): touched by a finger, not a mouse.
            scripts (bool): False forbids the page's scripts.
            before (str): a script that runs before those of the page.
            media: features such as prefers_color_scheme='dark'.
        """
        self.call(
            'Emulation.setDeviceMetricsOverride',
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.call('Emulation.setTouchEmulationEnabled', enabled=phone)
        self.call('Emulation.setScriptExecutionDisabled', value=not scripts)
        self.call(
            'Emulation.setEmulatedMedia',
            media='',
            features=[
                dict(name=name.replace('_', '-'), value=value) for name, value in media.items()
            ],
        )
        if self.before:
            self.call('Page.removeScriptToEvaluateOnNewDocument', identifier=self.before)
        self.before = self.call('Page.addScriptToEvaluateOnNewDocument', source=before)[
            'identifier'
        ]
        self.browser.events.clear()
        self.call('Page.navigate', url=address)
        self.wait_for('Page.loadEventFired')

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def events(self, method):
        """Parameters of the events of a kind, so far."""
        return [
            event['params']
            for event in self.browser.events
            if event.get('sessionId') == self.session and event['method'] == method
        ]

    def wait_for(self, method):
        """Wait until there is an event of a kind."""
        deadline = time.monotonic() + TIMEOUT
        while not self.events(method):
            assert time.monotonic() < deadline, f'no {method}'
            self.browser.events.append(self.browser._read())

    def evaluate(self, expression):
        """Value of a script's expression, fit for JSON.

        A promise is waited for, an exception is raised.
        """
        answer = self.call(
            'Runtime.evaluate',
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert 'exceptionDetails' not in answer, answer['exceptionDetails']
        return answer['result'].get('value')

    def texts(self, selector):
        """Visible texts of the elements that a selector finds."""
        return self.each(selector, '(one.innerText ?? one.textContent).trim()')

    def each(self, selector, expression):
        """Values of an expression of `one` for each element that a selector finds."""
        return self.evaluate(
            f'[...document.querySelectorAll({json.dumps(selector)})].map(one => {expression})'
        )

    def centre(self, selector):
        """Middle of the first element that a selector finds, in pixels of the window.

        It is scrolled into view.
        """
        return self.evaluate(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{block: 'center', behavior: 'instant'}});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")

    def move(self, x, y):
        self.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)

    def click(self, x, y):
        self.move(x, y)
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def click_on(self, selector):
        self.click(*self.centre(selector))

    def tap(self, x, y):
        self.call('Input.dispatchTouchEvent', type='touchStart', touchPoints=[dict(x=x, y=y)])
        self.call('Input.dispatchTouchEvent', type='touchEnd', touchPoints=[])

    def press(self, key, text='', shift=False):
        """Press a key by its name, such as 'Enter' (text '\\r') or 'ArrowLeft'."""
        codes = dict(
            Enter=13,
            Escape=27,
            Tab=9,
            ArrowLeft=37,
            ArrowUp=38,
            ArrowRight=39,
            ArrowDown=40,
            Space=32,
        )
        for kind in ('keyDown', 'keyUp'):
            self.call(
                'Input.dispatchKeyEvent',
                type=kind,
                key=key,
                code=key,
                text=text if kind == 'keyDown' else '',
                windowsVirtualKeyCode=codes.get(key, 0),
                modifiers=8 if shift else 0,
            )

    def type(self, text):
        self.call('Input.insertText', text=text)
