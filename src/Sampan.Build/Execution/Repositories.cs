using Sampan.Build.Agents;
using Sampan.Engine.Images;
using Sampan.Storage;
using Sampan.Storage.Building;

namespace Sampan.Build.Execution;

/// <summary>Repositories that are fetched for a build, over ssh with what the client forwards.</summary>
internal static class Repositories
{
    // BuildKit's: whoever fetches what a Dockerfile names asks the agent of this name.
    private const string Agent = "default";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Fetches one.</summary>
    /// <returns>Its files, and the commit's id.</returns>
    internal static async Task<(SourceTree Files, string Commit)> FetchAsync(GitAddress repository, StepOperations steps, IBuildAgents agents, bool keepsGitDirectory, IReadOnlyDictionary<string, byte[]> secrets, CancellationToken ct)
    {
        var spool = Directory.CreateDirectory(Path.Combine(steps.DataDirectory, "spool"), OwnerOnly).FullName;
        if (!repository.IsSsh)
            return await GitRepository.FetchAsync(repository.Url, repository.Reference, spool, keepsGitDirectory, null, ct, Authorization.OfRepository(secrets, repository.Url));
        if (!await agents.HasAsync(Agent, ct))
        {
            try
            {
                return await GitRepository.FetchAsync(repository.Url, repository.Reference, spool, keepsGitDirectory, null, ct);
            }
            catch (StorageException failed)
            {
                throw new StorageException(failed.Kind, $"{failed.Message} (no SSH agent is forwarded: --ssh {Agent})", failed);
            }
        }
        await using var agent = AgentSocket.Open(agents, Agent, steps.ExecDirectory, (0, 0), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await GitRepository.FetchAsync(repository.Url, repository.Reference, spool, keepsGitDirectory, agent.Path, ct);
    }
}
