%% A link made and taken down. Twin of ../Macro/Scenarios/Repeated.cs.
-module(link_unlink).
-export([round/2]).

%% An operation is one pair of calls; Count of them. The round ends when the peer has worked what was sent to it.
round(_Width, Count) ->
    Driver = self(),
    Peer = spawn(fun() -> receive stop -> Driver ! done end end),
    repeat(Peer, Count),
    Peer ! stop,
    receive done -> Count end.

repeat(_Peer, 0) -> ok;
repeat(Peer, Left) ->
    link(Peer),
    unlink(Peer),
    repeat(Peer, Left - 1).
