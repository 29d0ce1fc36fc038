%% One process exits, and many that are linked to it exit with it. Twin of ExitFanOut in ../Macro/Scenarios/FanOut.cs.
-module(exit_fan_out).
-export([round/2]).

%% An operation is one process told and gone; Width of them at a time, Count in all. The clock runs from the word that ends the one until all are gone.
round(Width, Count) ->
    Times = max(Count div Width, 1),
    {Times * Width, times(Times, Width, 0)}.

times(0, _Width, Nanoseconds) -> Nanoseconds;
times(Left, Width, Nanoseconds) ->
    Driver = self(),
    Alive = erlang:system_info(process_count),
    Target = spawn(fun() -> receive stop -> exit(boom) end end),
    [spawn(fun() -> member(Target, Driver) end) || _ <- lists:seq(1, Width)],
    wait(Width),
    Start = erlang:monotonic_time(nanosecond),
    Target ! stop,
    gone(Alive),
    Stop = erlang:monotonic_time(nanosecond),
    times(Left - 1, Width, Nanoseconds + Stop - Start).

member(Target, Driver) ->
    link(Target),
    Driver ! done,
    receive never -> ok end.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.

gone(Alive) ->
    case erlang:system_info(process_count) of
        Now when Now =< Alive -> ok;
        _ -> erlang:yield(), gone(Alive)
    end.
