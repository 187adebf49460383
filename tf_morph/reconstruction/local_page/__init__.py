"""A page on this machine alone: a photograph in, a head out, its coefficients to be moved by hand.

Served by werkzeug, which TensorBoard brings along: it bounds requests, tells what is wrong with
them, and tries an application without a socket. A photograph is the whole body of a request, so
that there is nothing to take apart. Frameworks of pages, such as gradio, bring dozens of packages
and ask the server at every move of a slider; here the browser moves the vertices itself.
"""
