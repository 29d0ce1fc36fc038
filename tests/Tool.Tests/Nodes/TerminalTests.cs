using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>The program in a terminal, as somebody sits before it.</summary>
[Category("OtpNode")]
public sealed partial class TerminalTests : NodesFixture
{
    /// <summary>Runs the program in a pseudo terminal, types, and returns what stood on the screen without the control sequences.</summary>
    private async Task<string> TypeAsync(string keys, string until, params string[] arguments)
    {
        if (OtpInstallation.Find("script") is null)
            Assert.Ignore("No program 'script' (util-linux) to make a terminal with.");
        string program = Path.Combine(AppContext.BaseDirectory, "cloudscale.dll");
        string command = string.Join(' ', ["stty cols 160 rows 40; exec dotnet", program, .. arguments, .. Common]);
        using Process terminal = OtpInstallation.Start("script", Epmd.Port, "-qec", command, "/dev/null");
        System.Text.StringBuilder screen = new();
        Task reading = Task.Run(async () =>
        {
            char[] buffer = new char[4096];
            for (int count; (count = await terminal.StandardOutput.ReadAsync(buffer)) > 0; )
                lock (screen)
                    screen.Append(buffer, 0, count);
        });
        string Screen()
        {
            lock (screen)
                return Control().Replace(screen.ToString(), "");
        }

        try
        {
            await Eventually.TrueAsync(() => Screen().Contains(until), $"{until} in {Screen()}");
            await terminal.StandardInput.WriteAsync(keys);
            await terminal.StandardInput.FlushAsync();
            await terminal.WaitForExitAsync().WaitAsync(Eventually.Patience);
            await reading;
        }
        finally
        {
            if (!terminal.HasExited)
                terminal.Kill(entireProcessTree: true);
        }

        TestContext.Out.WriteLine(Screen());
        return Screen();
    }

    [Test]
    public async Task Shell_Tab_CompletesModuleAndFunction_AndEnterCalls()
    {
        string screen = await TypeAsync("list\ts\tum\t[1,2,39])\rexit()\r", $"({There})", "shell", There);
        Assert.That(screen, Does.Contain("lists:sum([1,2,39])"), "two Tabs");
        Assert.That(screen, Does.Contain("\n42"));
    }

    [Test]
    public async Task Top_Live_ShowsTheNode_AndKeysSortAndLeave()
    {
        string screen = await TypeAsync("mq", "code_server", "top", There, "--interval", "1");
        Assert.That(screen, Does.Contain(There).And.Contain("mailbox"));
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")]
    private static partial Regex Control();
}
