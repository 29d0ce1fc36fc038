%% Runs one scenario in a fresh node, warmed up and then timed, and prints one line for the runner.
%% The C# side of every scenario is in ../Macro/Scenarios, and of this file in ../Macro/Child: same order, same counts, same clock rules.
-module(bench).
-export([main/1]).

%% erl ... -s bench main ping_pong Pairs Count WarmUpMs TimedMs; the arguments arrive as atoms.
main(Arguments) ->
    [Scenario | Numbers] = Arguments,
    [Width, Count, WarmUpMs, TimedMs] = [list_to_integer(atom_to_list(N)) || N <- Numbers],
    {_, Monitor} = spawn_monitor(fun() -> print(run(Scenario, Width, Count, WarmUpMs, TimedMs)) end),
    receive
        {'DOWN', Monitor, process, _, normal} -> halt(0);
        {'DOWN', Monitor, process, _, Reason} -> io:format(standard_error, "~p~n", [Reason]), halt(1)
    end.

%% A resident scenario measures memory once; the others repeat whole rounds until the time is up.
run(idle, _Width, Count, _WarmUpMs, _TimedMs) ->
    {Heap, Resident} = idle:measure(Count),
    {bytes, Count, Heap, Resident};
run(timer_lateness, Width, Count, WarmUpMs, TimedMs) ->
    {late, timer_lateness:measure(Width, Count, WarmUpMs, TimedMs)};
run(Scenario, Width, Count, WarmUpMs, TimedMs) ->
    %% A tenth of the size warms the same code; the driver's own heap grows to its working size too.
    Small = max(Count div 10, 1),
    repeat(Scenario, Width, Small, deadline(WarmUpMs), 0, 0),
    {Operations, Nanoseconds} = repeat(Scenario, Width, Count, deadline(TimedMs), 0, 0),
    {time, Operations, Nanoseconds}.

deadline(Ms) -> erlang:monotonic_time(nanosecond) + Ms * 1000000.

repeat(Scenario, Width, Count, Deadline, Operations, Nanoseconds) ->
    Start = erlang:monotonic_time(nanosecond),
    if
        Start >= Deadline ->
            {Operations, Nanoseconds};
        true ->
            Answer = Scenario:round(Width, Count),
            Stop = erlang:monotonic_time(nanosecond),
            {Done, Took} = took(Answer, Stop - Start),
            repeat(Scenario, Width, Count, Deadline, Operations + Done, Nanoseconds + Took)
    end.

%% A scenario of which only a part is measured brings its own time.
took({Done, Nanoseconds}, _Elapsed) -> {Done, Nanoseconds};
took(Done, Elapsed) -> {Done, Elapsed}.

print({time, Operations, Nanoseconds}) ->
    io:format("@result operations=~b nanoseconds=~b~n", [Operations, Nanoseconds]);
print({late, {Operations, P50, P99, Max}}) ->
    io:format("@result operations=~b p50=~b p99=~b max=~b~n", [Operations, P50, P99, Max]);
print({bytes, Count, Heap, Resident}) ->
    io:format("@result operations=~b heap=~b resident=~b~n", [Count, Heap, Resident]).
