using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CloudScale.Testing;

/// <summary>The Erlang/OTP of this machine, for tests of category <c>OtpNode</c>.</summary>
public static class OtpInstallation
{
    /// <summary>Skips the test, with its reason, where there is no Erlang.</summary>
    public static void Require()
    {
        if (Find("erl") is null || Find("epmd") is null)
            Assert.Ignore("No Erlang/OTP on the path: erl and epmd are needed.");
    }

    /// <summary>Skips the test, with its reason, where Erlang lacks a module: distributions have it in packages of its own.</summary>
    public static void RequireModule(string module)
    {
        Require();
        using Process erl = Start("erl", 1, "-noshell", "-eval", $"io:format(\"~p\", [code:which({module})]), halt().");
        if (!erl.StandardOutput.ReadToEnd().Contains($"{module}.beam", StringComparison.Ordinal))
            Assert.Ignore($"This Erlang/OTP has no module {module} (Debian: erlang-{module}).");
    }

    /// <summary>Skips the test, with its reason, where Erlang is older than what it is about.</summary>
    public static void RequireRelease(int release, string what)
    {
        Require();
        if (s_release.Value < release)
            Assert.Ignore($"OTP {release} brought {what}; this is OTP {s_release.Value} (./build.sh otp-grid brings later ones).");
    }

    private static readonly Lazy<int> s_release = new(static () =>
    {
        using Process erl = Start("erl", 1, "-noshell", "-eval", "io:put_chars(erlang:system_info(otp_release)), halt().");
        return int.Parse(erl.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    });

    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>A TCP port that was free a moment ago.</summary>
    public static int FreePort() => FreePort(IPAddress.Loopback);

    /// <inheritdoc cref="FreePort()"/>
    /// <param name="address">The address at which it must be free.</param>
    /// <remarks>
    /// Below those that the system gives to sockets that ask for any (from 32,768): a port that is only looked up here would otherwise be another test's own by the time it is used.
    /// </remarks>
    public static int FreePort(IPAddress address)
    {
        while (true)
        {
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            int port = Random.Shared.Next(10_000, 32_768);
            try
            {
                probe.Bind(new IPEndPoint(address, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }

    /// <summary>Starts a program with its output piped.</summary>
    public static Process Start(string program, int epmdPort, params string[] arguments)
    {
        ProcessStartInfo start = new(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ERL_EPMD_PORT"] = epmdPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["ERL_CRASH_DUMP_BYTES"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }
}
