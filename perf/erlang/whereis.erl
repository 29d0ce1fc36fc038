%% A name looked up. Twin of ../Macro/Scenarios/Repeated.cs.
-module(whereis).
-export([round/2]).

%% An operation is one call; Count of them. The round ends when the peer has worked what was sent to it.
round(_Width, Count) ->
    Driver = self(),
    Peer = spawn(fun() -> receive stop -> Driver ! done end end),
    register(a_name, self()),
    repeat(Peer, Count),
    unregister(a_name),
    Peer ! stop,
    receive done -> Count end.

repeat(_Peer, 0) -> ok;
repeat(Peer, Left) ->
    true = whereis(a_name) =:= self(),
    repeat(Peer, Left - 1).
