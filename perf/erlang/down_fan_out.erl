%% One process exits, and many that monitor it are told. Twin of DownFanOut in ../Macro/Scenarios/FanOut.cs.
-module(down_fan_out).
-export([round/2]).

%% An operation is one process told; Width of them at a time, Count in all. The clock runs from the word that ends the one to the last answer of the many.
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
    wait(Width),
    Stop = erlang:monotonic_time(nanosecond),
    gone(Alive),
    times(Left - 1, Width, Nanoseconds + Stop - Start).

member(Target, Driver) ->
    Monitor = erlang:monitor(process, Target),
    Driver ! done,
    receive {'DOWN', Monitor, process, _, boom} -> Driver ! done end.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.

gone(Alive) ->
    case erlang:system_info(process_count) of
        Now when Now =< Alive -> ok;
        _ -> erlang:yield(), gone(Alive)
    end.
