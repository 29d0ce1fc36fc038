using System.Buffers.Binary;
using System.Diagnostics;

namespace CloudScale.Serialization.Tests;

/// <summary>Runs the corpus script with the installed Erlang; without one the test is ignored.</summary>
internal static class Erlang
{
    public static readonly string CorpusDirectory = Path.Combine(TestContext.CurrentContext.TestDirectory, "Corpus");

    public static void RequireInstalled()
    {
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            if (File.Exists(Path.Combine(directory, "escript")))
                return;
        Assert.Ignore("No Erlang: escript is not on the PATH.");
    }

    public static void Run(params string[] arguments)
    {
        ProcessStartInfo start = new("escript") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(CorpusDirectory, "corpus.erl"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"corpus.erl {arguments[0]} did not end in 60 s.");
        }

        Assert.That(process.ExitCode, Is.Zero, output.Result + error.Result);
    }

    /// <summary>Writes binaries, runs a command of the script on them, and gives back what it wrote.</summary>
    public static byte[] Ask(string command, IEnumerable<byte[]> binaries)
    {
        string directory = Directory.CreateTempSubdirectory("cloudscale-corpus-").FullName;
        try
        {
            string input = Path.Combine(directory, "in");
            string output = Path.Combine(directory, "out");
            using (FileStream file = File.Create(input))
            {
                byte[] length = new byte[4];
                foreach (byte[] binary in binaries)
                {
                    BinaryPrimitives.WriteInt32BigEndian(length, binary.Length);
                    file.Write(length);
                    file.Write(binary);
                }
            }

            Run(command, input, output);
            return File.ReadAllBytes(output);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
