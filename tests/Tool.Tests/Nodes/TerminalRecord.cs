using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>Runs the program in a pseudo terminal and keeps all that it writes there, control sequences and all.</summary>
internal static class TerminalRecord
{
    public const int Columns = 170;

    /// <summary>Makes the record.</summary>
    /// <param name="epmdPort">Where nodes are found.</param>
    /// <param name="arguments">Of the program.</param>
    /// <param name="steps">What is typed, or done, once a text stands in what was written since the step before.</param>
    public static async Task<string> MakeAsync(int epmdPort, string[] arguments, params (string Until, object Then)[] steps)
    {
        if (OtpInstallation.Find("script") is null)
            Assert.Ignore("No program 'script' (util-linux) to make a terminal with.");
        string program = Path.Combine(AppContext.BaseDirectory, "cloudscale.dll");
        string size = Columns.ToString(CultureInfo.InvariantCulture);
        string command = string.Join(' ', [$"stty cols {size} rows 40 -echo; exec dotnet", program, .. arguments]);
        using Process terminal = OtpInstallation.Start("script", epmdPort, "-qec", command, "/dev/null");
        StringBuilder record = new();
        Task reading = Task.Run(async () =>
        {
            char[] buffer = new char[4096];
            for (int count; (count = await terminal.StandardOutput.ReadAsync(buffer)) > 0; )
                lock (record)
                    record.Append(buffer, 0, count);
        });
        string Since(int start)
        {
            lock (record)
                return record.ToString(start, record.Length - start);
        }

        try
        {
            int start = 0;
            foreach ((string until, object then) in steps)
            {
                await Eventually.TrueAsync(() => Since(start).Contains(until), $"{until} in {Since(start)}");
                start += Since(start).Length;
                if (then is Func<Task> act)
                    await act();
                else
                    await terminal.StandardInput.WriteAsync((string)then);
                await terminal.StandardInput.FlushAsync();
            }

            await terminal.WaitForExitAsync().WaitAsync(Eventually.Patience);
            await reading;
            return Since(0);
        }
        finally
        {
            if (!terminal.HasExited)
                terminal.Kill(entireProcessTree: true);
        }
    }
}
