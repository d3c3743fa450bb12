using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Commands;

/// <summary>Starts a program that is looked up in PATH.</summary>
internal static class ProgramSearch
{
    /// <summary>With this process's own streams.</summary>
    internal static int Spawn(IReadOnlyList<string> argv)
    {
        using var stdin = new SafeFd(0, ownsHandle: false);
        using var stdout = new SafeFd(1, ownsHandle: false);
        using var stderr = new SafeFd(2, ownsHandle: false);
        return Spawn(argv, new SpawnOptions { Stdin = stdin, Stdout = stdout, Stderr = stderr });
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="StartFailedException">It is not in PATH, or cannot be run.</exception>
    internal static int Spawn(IReadOnlyList<string> argv, SpawnOptions options)
    {
        LinuxException? last = null;
        foreach (var path in Candidates(argv[0]))
        {
            try
            {
                return ProcessSpawner.Spawn(path, argv, null, options);
            }
            catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES)
            {
                last = failure;
            }
        }
        throw new StartFailedException("exec", $"exec: \"{argv[0]}\": {(last?.Errno == Errno.EACCES ? "permission denied" : "executable file not found in $PATH")}", last?.Errno == Errno.EACCES ? 126 : 127);
    }

    private static IEnumerable<string> Candidates(string name)
    {
        if (name.Contains('/'))
            return [name];
        return (Environment.GetEnvironmentVariable("PATH") ?? "/bin:/usr/bin").Split(':').Select(directory => (directory.Length == 0 ? "." : directory) + "/" + name);
    }
}
