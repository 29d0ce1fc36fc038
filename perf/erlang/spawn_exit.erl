%% Processes that end at once. Twin of ../Macro/Scenarios/SpawnExit.cs.
-module(spawn_exit).
-export([round/2]).

%% An operation is one process: made, run, ended. Bursts of Width; the driver goes on when all of a burst are gone, which it sees
%% from the number of processes alive: a message from each would be measured with it.
round(Width, Count) ->
    Alive = erlang:system_info(process_count),
    Bursts = max(Count div Width, 1),
    bursts(Bursts, Width, Alive),
    Bursts * Width.

bursts(0, _Width, _Alive) -> ok;
bursts(Left, Width, Alive) ->
    burst(Width),
    wait(Alive),
    bursts(Left - 1, Width, Alive).

burst(0) -> ok;
burst(Left) ->
    spawn(fun() -> ok end),
    burst(Left - 1).

wait(Alive) ->
    case erlang:system_info(process_count) of
        Now when Now =< Alive -> ok;
        _ -> erlang:yield(), wait(Alive)
    end.
