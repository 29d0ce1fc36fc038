using System.Diagnostics;

namespace CloudScale.Serialization.Tests;

/// <summary>The msgpack package of the machine's Python; without it the test is skipped.</summary>
internal static class Python
{
    private static readonly string[] s_programs = ["/usr/bin/python3", "python3"]; // the distribution's own has the distribution's packages
    private static readonly Lazy<string?> s_program = new(() => s_programs.FirstOrDefault(HasMessagePack));

    /// <summary>Answers to some lines, one each.</summary>
    public static string[] Ask(IReadOnlyCollection<string> lines)
    {
        if (s_program.Value is not { } program)
        {
            Assert.Ignore("No Python with msgpack (package python3-msgpack).");
            return [];
        }

        string script = Path.Combine(TestContext.CurrentContext.TestDirectory, "MessagePack", "peer.py");
        using Process process = Start(program, script);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        foreach (string line in lines)
            process.StandardInput.WriteLine(line);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill();
            Assert.Fail("peer.py did not end in 60 s.");
        }

        Assert.That(process.ExitCode, Is.Zero, error.Result);
        string[] answers = output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(answers, Has.Length.EqualTo(lines.Count));
        return answers;
    }

    private static bool HasMessagePack(string program)
    {
        try
        {
            using Process process = Start(program, "-c", "import msgpack");
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
}
