"""What holds for all tests: how much random input there is, and that Ctrl-C reaches programs."""

import signal

from hypothesis import settings

# No deadline: what a machine takes for an example says nothing about the code.
# Enough examples to notice, far more in `make test-all`.
settings.register_profile("quick", max_examples=200, deadline=None)
settings.register_profile("thorough", max_examples=1500, deadline=None)
settings.load_profile("quick")

# What a script starts with `&` ignores Ctrl-C, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
