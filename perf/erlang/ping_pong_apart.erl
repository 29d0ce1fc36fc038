%% A pair whose members never share a scheduler. Twin of ../Macro/Scenarios/PingPongApart.cs.
-module(ping_pong_apart).
-export([round/2]).

%% An operation is one round trip; each pair makes Count of them. The option that pins a process to a scheduler is the emulator's own and documented nowhere.
round(Pairs, Count) ->
    Driver = self(),
    [spawn_opt(fun() -> pinger(Driver, Count) end, [{scheduler, 1}]) || _ <- lists:seq(1, Pairs)],
    wait(Pairs),
    Pairs * Count.

pinger(Driver, Count) ->
    Self = self(),
    Ponger = spawn_opt(fun() -> ponger(Self, Count) end, [{scheduler, 2}]),
    ping(Ponger, Count),
    Driver ! done.

ping(_Ponger, 0) -> ok;
ping(Ponger, Left) ->
    Ponger ! Left,
    receive N when is_integer(N) -> ping(Ponger, Left - 1) end.

ponger(_Pinger, 0) -> ok;
ponger(Pinger, Left) ->
    receive N when is_integer(N) -> Pinger ! N end,
    ponger(Pinger, Left - 1).

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
