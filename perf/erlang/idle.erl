%% What a process costs that waits for a message. Twin of ../Macro/Scenarios/Idle*.cs.
-module(idle).
-export([measure/1]).

%% Heap is what the virtual machine says it holds, resident what the operating system says; both as growth over Count processes,
%% each of which has already taken one message and answered it.
measure(Count) ->
    %% The first thousands pay for tables that grow in steps.
    settle(start(10000)),
    HeapBefore = erlang:memory(total),
    ResidentBefore = resident(),
    Pids = start(Count),
    settle([]),
    HeapAfter = erlang:memory(total) - list_bytes(Pids),
    ResidentAfter = resident() - list_bytes(Pids),
    {HeapAfter - HeapBefore, ResidentAfter - ResidentBefore}.

start(Count) ->
    Driver = self(),
    Pids = [spawn(fun() -> wait() end) || _ <- lists:seq(1, Count)],
    [Pid ! Driver || Pid <- Pids],
    answers(Count),
    Pids.

wait() ->
    receive
        stop -> ok;
        Driver -> Driver ! here, wait()
    end.

answers(0) -> ok;
answers(Left) -> receive here -> answers(Left - 1) end.

settle(Pids) ->
    [Pid ! stop || Pid <- Pids],
    erlang:garbage_collect().

%% The driver's own list of pids is no cost of the processes: two words a cell.
list_bytes(Pids) -> 2 * erlang:system_info(wordsize) * length(Pids).

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Text, " "),
    binary_to_integer(Pages) * 4096.
