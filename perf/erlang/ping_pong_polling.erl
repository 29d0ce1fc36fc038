%% A pair whose members look for their message and give way instead of waiting, each on a scheduler of its own. Twin of ../Macro/Scenarios/PingPongPolling.cs.
-module(ping_pong_polling).
-export([round/2]).

%% An operation is one round trip; each pair makes Count of them.
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
    poll(),
    ping(Ponger, Left - 1).

ponger(_Pinger, 0) -> ok;
ponger(Pinger, Left) ->
    Pinger ! poll(),
    ponger(Pinger, Left - 1).

poll() ->
    receive N when is_integer(N) -> N
    after 0 -> erlang:yield(), poll()
    end.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
