%% Pairs of processes; in each, one sends a number and the other returns it. Twin of ../Macro/Scenarios/PingPong.cs.
-module(ping_pong).
-export([round/2]).

%% An operation is one round trip; each pair makes Count of them, so that more pairs are more work at once, not less each.
round(Pairs, Count) ->
    Driver = self(),
    [spawn(fun() -> pinger(Driver, Count) end) || _ <- lists:seq(1, Pairs)],
    wait(Pairs),
    Pairs * Count.

pinger(Driver, Count) ->
    Self = self(),
    Ponger = spawn(fun() -> ponger(Self, Count) end),
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
