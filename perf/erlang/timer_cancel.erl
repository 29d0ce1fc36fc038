%% Timers set and cancelled, with the time that was left, beside others that go on waiting. Twin of ../Macro/Scenarios/TimerCancel.cs.
-module(timer_cancel).
-export([round/2]).

%% An operation is one timer set and cancelled; Count of them, with Width others waiting, which are set before the clock runs.
round(Width, Count) ->
    Waiting = [erlang:start_timer(far(Turn), self(), due) || Turn <- lists:seq(1, Width)],
    Start = erlang:monotonic_time(nanosecond),
    repeat(Count),
    Stop = erlang:monotonic_time(nanosecond),
    [erlang:cancel_timer(Timer) || Timer <- Waiting],
    {Count, Stop - Start}.

repeat(0) -> ok;
repeat(Left) ->
    Timer = erlang:start_timer(far(Left), self(), due),
    true = is_integer(erlang:cancel_timer(Timer)),
    repeat(Left - 1).

%% Ten minutes to an hour: none is due while we look, and they spread over the slots of either side's wheel. No random numbers: they would cost more than the timers.
far(Turn) -> 600000 + (Turn * 7919 rem 3000000).
