%% term_to_binary and binary_to_term of the payloads of ../Codecs, which come as files of encoded terms.
-module(codecs).
-export([main/1]).

%% erl ... -s codecs main Folder Count Ms; the arguments arrive as atoms.
main([Folder, Count, Ms]) ->
    io:format("@version OTP ~s, ~s~n", [erlang:system_info(otp_release), erlang:system_info(emu_flavor)]),
    Milliseconds = number(Ms),
    [measure(atom_to_list(Folder), Index, Milliseconds) || Index <- lists:seq(0, number(Count) - 1)],
    halt(0).

number(Atom) -> list_to_integer(atom_to_list(Atom)).

%% Each way in a process of its own: its heap does not know what the others left behind.
measure(Folder, Index, Ms) ->
    {ok, Bytes} = file:read_file(filename:join(Folder, integer_to_list(Index))),
    Encode = apart(fun() -> Term = binary_to_term(Bytes), time(fun encode/2, Term, Ms) end),
    Decode = apart(fun() -> time(fun decode/2, Bytes, Ms) end),
    Pieces = apart(fun() -> Term = binary_to_term(Bytes), time(fun pieces/2, Term, Ms) end),
    io:format("@time ~b ~.3f ~.3f ~.3f~n", [Index, Encode, Decode, Pieces]).

apart(Fun) ->
    Self = self(),
    spawn_link(fun() -> Self ! {time, Fun()} end),
    receive {time, Time} -> Time end.

%% Warm, then for the time given, in lots that grow. Processor time, as the other side has it: what else runs on the machine then costs little.
time(Fun, Argument, Ms) ->
    Fun(Argument, 100),
    time(Fun, Argument, runtime(), Ms, 1, 0).

time(Fun, Argument, Start, Ms, Lot, Done) ->
    Fun(Argument, Lot),
    Used = runtime() - Start,
    if
        Used >= Ms -> Used * 1.0e6 / (Done + Lot);
        true -> time(Fun, Argument, Start, Ms, min(2 * Lot, 4096), Done + Lot)
    end.

runtime() ->
    {Total, _} = erlang:statistics(runtime),
    Total.

encode(_Term, 0) -> ok;
encode(Term, Left) ->
    _ = term_to_binary(Term, [{minor_version, 2}]),
    encode(Term, Left - 1).

pieces(_Term, 0) -> ok;
pieces(Term, Left) ->
    _ = term_to_iovec(Term, [{minor_version, 2}]),
    pieces(Term, Left - 1).

decode(_Bytes, 0) -> ok;
decode(Bytes, Left) ->
    _ = binary_to_term(Bytes),
    decode(Bytes, Left - 1).
