using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace CloudScale.Runtime.Hosting;

/// <summary>What must hold of options before a node starts; everything that is wrong is told at once.</summary>
internal sealed partial class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeOptions options)
    {
        List<string> faults = [];
        Check(options.Name is null || NodeName().IsMatch(options.Name), $"Name is '{options.Name}'; expected name@host.");
        Check(options.NamedBy is null || NodeName().IsMatch(options.NamedBy), $"NamedBy is '{options.NamedBy}'; expected name@host.");
        Check(
            (options.Name is null && options.NamedBy is null) || !string.IsNullOrEmpty(options.Cookie),
            "Cookie is missing: the shared secret of the cluster. Without a Name none is needed."
        );
        Check(options.Schedulers is >= 1 and <= 1024, $"Schedulers is {options.Schedulers}; expected 1 to 1024.");
        Check(options.MaxProcesses is >= 1 and <= 1 << 27, $"MaxProcesses is {options.MaxProcesses}; expected 1 to {1 << 27}.");
        Check(options.TickTime >= TimeSpan.FromSeconds(1), $"TickTime is {options.TickTime}; expected at least a second.");
        Check(options.ListenPort is >= 0 and <= 65535, $"ListenPort is {options.ListenPort}; expected 0 to 65535.");
        Check(options.EpmdPort is null or (>= 1 and <= 65535), $"EpmdPort is {options.EpmdPort}; expected 1 to 65535.");
        Check(options.ShutdownGrace >= TimeSpan.Zero, $"ShutdownGrace is {options.ShutdownGrace}; expected no negative time.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

        void Check(bool holds, string fault)
        {
            if (!holds)
                faults.Add(fault);
        }
    }

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+$")]
    private static partial Regex NodeName();
}
