using System.Text;
using System.Text.Json;

namespace CloudScale.Samples.UserAgents;

/// <summary>A file for each user, in folders of a hundred users each. Written beside, then moved: what is there is whole.</summary>
/// <param name="folder">Made if it is not there.</param>
internal sealed class FileAgentStore(string folder) : IAgentStore
{
    public async Task<AgentData?> LoadAsync(string user, CancellationToken cancellationToken)
    {
        string path = PathOf(user);
        if (!File.Exists(path))
            return null;
        await using FileStream file = File.OpenRead(path);
        return await JsonSerializer.DeserializeAsync<AgentData>(file, cancellationToken: cancellationToken);
    }

    public async Task SaveAsync(string user, AgentData data, CancellationToken cancellationToken)
    {
        string path = PathOf(user);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string beside = path + ".new";
        await using (FileStream file = File.Create(beside))
        {
            await JsonSerializer.SerializeAsync(file, data, cancellationToken: cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Names of users are not names of files: they are written in hexadecimal.</summary>
    private string PathOf(string user)
    {
        string name = Convert.ToHexString(Encoding.UTF8.GetBytes(user));
        return Path.Combine(folder, name[^Math.Min(2, name.Length)..], name + ".json");
    }
}
