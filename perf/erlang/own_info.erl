%% A process asks for the length of its own mailbox. Twin of ../Macro/Scenarios/Repeated.cs.
-module(own_info).
-export([round/2]).

%% An operation is one call; Count of them. The round ends when the peer has worked what was sent to it.
round(_Width, Count) ->
    Driver = self(),
    Peer = spawn(fun() -> receive stop -> Driver ! done end end),
    repeat(Peer, Count),
    Peer ! stop,
    receive done -> Count end.

repeat(_Peer, 0) -> ok;
repeat(Peer, Left) ->
    {message_queue_len, 0} = process_info(self(), message_queue_len),
    repeat(Peer, Left - 1).
