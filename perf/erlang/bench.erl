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
run(Scenario, Width, Count, WarmUpMs, TimedMs) ->
    %% A tenth of the size warms the same code; the driver's own heap grows to its working size too.
    Small = max(Count div 10, 1),
    repeat(Scenario, Width, Small, WarmUpMs * 1000000, 0, 0),
    {Operations, Nanoseconds} = repeat(Scenario, Width, Count, TimedMs * 1000000, 0, 0),
    {time, Operations, Nanoseconds}.

repeat(_Scenario, _Width, _Count, Limit, Operations, Nanoseconds) when Nanoseconds >= Limit ->
    {Operations, Nanoseconds};
repeat(Scenario, Width, Count, Limit, Operations, Nanoseconds) ->
    Start = erlang:monotonic_time(nanosecond),
    Done = Scenario:round(Width, Count),
    Stop = erlang:monotonic_time(nanosecond),
    repeat(Scenario, Width, Count, Limit, Operations + Done, Nanoseconds + Stop - Start).

print({time, Operations, Nanoseconds}) ->
    io:format("@result operations=~b nanoseconds=~b~n", [Operations, Nanoseconds]);
print({bytes, Count, Heap, Resident}) ->
    io:format("@result operations=~b heap=~b resident=~b~n", [Count, Heap, Resident]).
