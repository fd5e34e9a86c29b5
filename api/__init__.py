"""What does the world ask of Dzwonek over HTTP?

A request, in the order of the files:

    server        who may connect, and how long they may take
    app           the addresses, and the scope that each needs
    journal       one line of the log for each request
    problems      whatever goes wrong becomes a problem document
    operations    a request becomes a call of Python, checked and typed
    access, keys  who asks, and may they
    body, gunzip  what they sent, within bounds
    batches, campaigns, contacts, status …      the operations themselves
    shown         what they answer
    openapi       all of it, described
"""
