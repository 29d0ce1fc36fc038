using CloudScale.Perf.Macro.Child;
using CloudScale.Perf.Macro.Runner;

namespace CloudScale.Perf.Macro;

/// <summary>One program, two roles: the runner starts itself again as the child that runs one scenario.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (ChildArguments.TryParse(args, out ChildArguments? child))
            return ChildProgram.Run(child);

        if (!BenchOptions.TryParse(args, out BenchOptions? options, out string? problem))
        {
            if (problem is not null)
                Console.Error.WriteLine($"bench: {problem}");
            Console.Error.WriteLine(BenchOptions.Help);
            return problem is null ? 0 : 2;
        }

        return await new BenchRunner(options).Run();
    }
}
