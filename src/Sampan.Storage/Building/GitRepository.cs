using System.Text;
using System.Text.RegularExpressions;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Storage.Building;

/// <summary>
/// A repository that is fetched with the program <c>git</c>. It is started without a shell, with no configuration but what is written here, no
/// hooks, no helpers, no keys of this machine, and only the transports http, https, git and ssh (CVE-2022-39253: not those of files); what it is told never begins with a dash.
/// </summary>
public static partial class GitRepository
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int MaxSaid = 8192;
    private const int MaxSocketPath = 107;
    private const int Kill = 9;

    /// <summary>Fetches a commit with its submodules.</summary>
    /// <param name="url">The repository, checked by the caller.</param>
    /// <param name="reference">A branch, a tag or a commit, checked by the caller; null: the head.</param>
    /// <param name="directory">Where to work, on the disk; left as it was.</param>
    /// <param name="keepsGitDirectory">The files of <c>.git</c> are among the result.</param>
    /// <param name="agentSocket">An SSH agent whose keys are used; null: none, and no other keys either.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="authorization">What is said to the repository's own host by http; null: nothing.</param>
    /// <returns>The files, and the commit's id.</returns>
    /// <exception cref="StorageException">NotSupported: there is no git. NotFound, InvalidInput: git failed; its words are in the message.</exception>
    public static async Task<(SourceTree Files, string Commit)> FetchAsync(string url, string? reference, string directory, bool keepsGitDirectory, string? agentSocket, CancellationToken ct, string? authorization = null)
    {
        if (agentSocket?.Length > MaxSocketPath)
            throw new StorageException(StorageError.InvalidInput, $"the agent's socket '{agentSocket}' has a path of more than {MaxSocketPath} characters: give the engine an exec root with a shorter path");
        var outer = Path.Combine(directory, Path.GetRandomFileName());
        var git = new Git(Find(), outer, agentSocket, authorization is null ? null : (new Uri(new Uri(url), "/").ToString(), authorization));
        Directory.CreateDirectory(outer, OwnerOnly);
        try
        {
            var work = Path.Combine(outer, "work");
            Directory.CreateDirectory(work, OwnerOnly);
            await RunAsync(git, ["init", "--quiet", "--template="], url, ct);
            var wanted = reference ?? "HEAD";
            // The cheap way first; a server may know neither depth nor commits by their ids.
            if (!await TryAsync(git, ["fetch", "--quiet", "--no-tags", "--depth=1", "--", url, $"{wanted}:refs/sampan/wanted"], ct)
                && !await TryAsync(git, ["fetch", "--quiet", "--no-tags", "--", url, $"{wanted}:refs/sampan/wanted"], ct))
            {
                await RunAsync(git, ["fetch", "--quiet", "--", url, "+refs/heads/*:refs/sampan/heads/*", "+refs/tags/*:refs/tags/*"], url, ct);
                await RunAsync(git, ["update-ref", "refs/sampan/wanted", wanted], url, ct);
            }
            var commit = (await RunAsync(git, ["rev-parse", "--verify", "--end-of-options", "refs/sampan/wanted^{commit}"], url, ct)).Trim();
            await RunAsync(git, ["checkout", "--quiet", "--force", "--detach", commit], url, ct);
            if (File.Exists(Path.Combine(work, ".gitmodules")))
                await RunAsync(git, ["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"], url, ct);
            var files = await Task.Run(() => SourceTree.ReadDirectory(work, directory, path => !keepsGitDirectory && IsGit(path), ct), ct);
            return (files, commit);
        }
        finally
        {
            Directory.Delete(outer, recursive: true);
        }
    }

    // Those of submodules are files that point to the first.
    private static bool IsGit(string path) => path == ".git" || path.StartsWith(".git/", StringComparison.Ordinal) || path.EndsWith("/.git", StringComparison.Ordinal) || path.Contains("/.git/", StringComparison.Ordinal);

    private static async Task<bool> TryAsync(Git git, IReadOnlyList<string> words, CancellationToken ct) => (await StartAsync(git, words, ct)).IsDone;

    private static async Task<string> RunAsync(Git git, IReadOnlyList<string> words, string url, CancellationToken ct)
    {
        var (isDone, said) = await StartAsync(git, words, ct);
        return isDone ? said : throw new StorageException(StorageError.InvalidInput, $"git {words[0]} failed for '{WithoutPassword(url)}': {WithoutPassword(said.Trim().ReplaceLineEndings("; "))}");
    }

    private static async Task<(bool IsDone, string Said)> StartAsync(Git git, IReadOnlyList<string> words, CancellationToken ct)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = git.Outer,
            ["LC_ALL"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "/bin/false",
            ["SSH_ASKPASS"] = "/bin/false",
            ["GIT_ALLOW_PROTOCOL"] = "http:https:git:ssh",
            // The engine's own keys are nobody's who builds. A host whose key this machine knows must have that one, others may have any.
            ["GIT_SSH_COMMAND"] = "ssh -F /dev/null -o BatchMode=yes -o LogLevel=ERROR -o IdentityFile=none -o StrictHostKeyChecking=accept-new -o 'UserKnownHostsFile=/dev/null ~/.ssh/known_hosts'",
        };
        if (git.AgentSocket is { } agent)
            environment["SSH_AUTH_SOCK"] = agent;
        // In the environment, where a list of processes does not show it.
        if (git.Authorization is var (host, header))
        {
            environment["GIT_CONFIG_COUNT"] = "1";
            environment["GIT_CONFIG_KEY_0"] = $"http.{host}.extraHeader";
            environment["GIT_CONFIG_VALUE_0"] = "Authorization: " + header;
        }
        foreach (var name in new[] { "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR" })
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                environment[name] = value;
        }
        string[] safe = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "credential.helper=", "-c", "protocol.ext.allow=never", "-c", "protocol.file.allow=never", "-c", "core.symlinks=true", "-c", "gc.auto=0", "-c", "advice.detachedHead=false"];
        var (reader, writer) = ByteChannel.Pipe();
        PidFd process;
        using (writer)
        {
            process = PidFd.Open(ProcessSpawner.Spawn(git.Program, [git.Program, .. safe, .. words], environment, new SpawnOptions { Stdout = writer, Stderr = writer, WorkingDirectory = Path.Combine(git.Outer, "work"), NewSession = true }));
        }
        using var running = process;
        using var stop = ct.Register(() => running.Send(Kill));
        var said = await Task.Run(() => ReadAll(reader), CancellationToken.None);
        var exit = await Task.Run(running.Reap, CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return (exit is { ExitCode: 0 }, said);
    }

    private static string ReadAll(SafeFd pipe)
    {
        using var stream = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(pipe.Release(), ownsHandle: true), FileAccess.Read, 0);
        var said = new byte[MaxSaid];
        var length = stream.ReadAtLeast(said, said.Length, throwOnEndOfStream: false);
        var rest = new byte[4096];
        while (stream.Read(rest) > 0)
        {
            // Nobody needs more of it, but git must be able to say it.
        }
        return Encoding.UTF8.GetString(said, 0, length);
    }

    private static string Find()
    {
        foreach (var directory in new[] { "/usr/local/bin", "/usr/bin", "/bin" })
        {
            if (File.Exists(Path.Combine(directory, "git")))
                return Path.Combine(directory, "git");
        }
        throw new StorageException(StorageError.NotSupported, "cannot fetch a git repository: the program 'git' is not installed on the engine's machine: install it, or send the files as the context");
    }

    private static string WithoutPassword(string text) => UserInfo().Replace(text, "//");

    [GeneratedRegex("//[^/@\\s]*@", RegexOptions.None, 1000)]
    private static partial Regex UserInfo();

    /// <summary>How git is started.</summary>
    /// <param name="Program">Its path.</param>
    /// <param name="Outer">Its home; the repository is in <c>work</c>.</param>
    /// <param name="AgentSocket">For ssh; null: no keys.</param>
    /// <param name="Authorization">A header for one host; null: none.</param>
    private sealed record Git(string Program, string Outer, string? AgentSocket, (string Host, string Header)? Authorization);
}
