%% Judges bytes as binary_to_term does. Batches come on standard input and answers go to standard output, each after its length.
%%   first   release:u32, unasked
%%   batch   (length:u32 bytes)*
%%   answer  atoms:u32 (0 | 1 used:u32 length:u32 bytes)*, where the bytes are the value as this system writes it
-module(fuzz_peer).
-export([start/0]).

start() ->
    Port = open_port({fd, 0, 1}, [binary, {packet, 4}, eof]),
    port_command(Port, <<(list_to_integer(erlang:system_info(otp_release))):32>>),
    loop(Port).

loop(Port) ->
    receive
        {Port, {data, Batch}} ->
            Answers = answers(Batch),
            port_command(Port, [<<(erlang:system_info(atom_count)):32>> | Answers]),
            loop(Port);
        {Port, eof} ->
            halt(0)
    end.

answers(<<>>) -> [];
answers(<<N:32, B:N/binary, Rest/binary>>) -> [answer(B) | answers(Rest)].

answer(B) ->
    try binary_to_term(B, [used]) of
        {T, Used} ->
            E = term_to_binary(T, [{minor_version, 2}, deterministic]),
            [<<1, Used:32, (byte_size(E)):32>>, E]
    catch
        error:_ -> <<0>>
    end.
