using System.Buffers.Binary;
using System.Diagnostics;

namespace CloudScale.Fuzz.Otp;

/// <summary>A real Erlang that judges batches of inputs, as a child process; it ends with its standard input.</summary>
/// <remarks>Threads: one. Atoms live for good there too, so it is started anew before its table is full.</remarks>
internal sealed class ErlangPeer : IDisposable
{
    private const int MaxAtoms = 2_000_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("cloudscale-fuzz-otp-").FullName;
    private readonly byte[] _head = new byte[4];
    private Process? _process;
    private byte[] _answer = new byte[1 << 20];

    public ErlangPeer()
    {
        using Process compiler = Process.Start(
            new ProcessStartInfo("erlc", ["-o", _directory, Path.Combine(AppContext.BaseDirectory, "Otp", "fuzz_peer.erl")])
        )!;
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
            throw new InvalidOperationException("erlc did not compile fuzz_peer.erl");
    }

    /// <summary>Why there is none on this machine; null where there is one.</summary>
    public static string? Absent { get; } = Find("erl") && Find("erlc") ? null : "No Erlang/OTP on the path: erl and erlc are needed.";

    /// <summary>How many times one was started.</summary>
    public int Starts { get; private set; }

    /// <summary>Which release of OTP it is; known once one was started.</summary>
    public int Release { get; private set; }

    /// <summary>Sends a batch: <c>(length:u32 bytes)*</c>.</summary>
    public void Ask(ReadOnlySpan<byte> batch)
    {
        if (_process is null)
        {
            _process = Start();
            Release = BinaryPrimitives.ReadInt32BigEndian(Hear());
        }

        Stream input = _process.StandardInput.BaseStream;
        BinaryPrimitives.WriteInt32BigEndian(_head, batch.Length);
        input.Write(_head);
        input.Write(batch);
        input.Flush();
    }

    /// <summary>The answer to the batch sent longest ago: <c>(0 | 1 used:u32 length:u32 bytes)*</c>. Valid until the next.</summary>
    public ReadOnlySpan<byte> Answer()
    {
        ReadOnlySpan<byte> answer = Hear();
        HasManyAtoms = BinaryPrimitives.ReadInt32BigEndian(answer) > MaxAtoms * 3L / 4;
        return answer[4..];
    }

    private ReadOnlySpan<byte> Hear()
    {
        Stream output = _process!.StandardOutput.BaseStream;
        using Timer patience = new(_ => _process.Kill(), null, s_patience, Timeout.InfiniteTimeSpan);
        output.ReadExactly(_head);
        int length = BinaryPrimitives.ReadInt32BigEndian(_head);
        if (_answer.Length < length)
            _answer = new byte[Math.Max(length, 2 * _answer.Length)];
        output.ReadExactly(_answer.AsSpan(0, length));
        return _answer.AsSpan(0, length);
    }

    /// <summary>Whether it should be ended when no answer is missing; the next question starts another.</summary>
    public bool HasManyAtoms { get; private set; }

    public void End()
    {
        if (_process is null)
            return;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is dead already.
        }

        if (!_process.WaitForExit(s_patience))
            _process.Kill();
        _process.Dispose();
        _process = null;
        HasManyAtoms = false;
    }

    public void Dispose()
    {
        End();
        Directory.Delete(_directory, recursive: true);
    }

    private Process Start()
    {
        Starts++;
        ProcessStartInfo start = new(
            "erl",
            [
                "+t",
                MaxAtoms.ToString(System.Globalization.CultureInfo.InvariantCulture),
                "-noshell",
                "-noinput",
                "-pa",
                _directory,
                "-s",
                "fuzz_peer",
            ]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ERL_CRASH_DUMP_BYTES"] = "0";
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine(); // read and dropped: what it says when it crashes; the inputs tell more
        return process;
    }

    private static bool Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
