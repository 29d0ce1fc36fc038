%% A name taken and freed. Twin of ../Macro/Scenarios/Repeated.cs.
-module(register_unregister).
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
    register(a_name, Peer),
    unregister(a_name),
    repeat(Peer, Left - 1).
