%% Many timers with random delays, all set before the first is due; how late does each reach its process? Twin of ../Macro/Scenarios/TimerLateness.cs.
-module(timer_lateness).
-export([measure/4]).

%% Late is what the receiver sees: its own clock when it has the message, less the clock before the timer was set and the delay. An early one fails the run.
measure(WindowMs, Count, WarmUpMs, TimedMs) ->
    rounds(WindowMs, max(Count div 10, 1), WarmUpMs),
    Late = lists:sort(rounds(WindowMs, Count, TimedMs)),
    [Least | _] = Late,
    true = Least >= 0,
    Length = length(Late),
    {Length, at(50, Length, Late), at(99, Length, Late), lists:last(Late)}.

rounds(WindowMs, Count, LimitMs) ->
    rand:seed(exsss, Count),
    rounds(WindowMs, Count, now_ns() + LimitMs * 1000000, []).

rounds(WindowMs, Count, End, Late) ->
    set(WindowMs, Count),
    More = take(Count, Late),
    case now_ns() < End of
        true -> rounds(WindowMs, Count, End, More);
        false -> More
    end.

%% Due between half a window and one and a half from now.
set(_WindowMs, 0) -> ok;
set(WindowMs, Left) ->
    DelayMs = WindowMs div 2 + rand:uniform(WindowMs) - 1,
    Due = now_ns() + DelayMs * 1000000,
    erlang:send_after(DelayMs, self(), Due),
    set(WindowMs, Left - 1).

take(0, Late) -> Late;
take(Left, Late) ->
    receive Due when is_integer(Due) -> take(Left - 1, [now_ns() - Due | Late]) end.

at(Percent, Length, Sorted) -> lists:nth(min(Length * Percent div 100, Length - 1) + 1, Sorted).

now_ns() -> erlang:monotonic_time(nanosecond).
