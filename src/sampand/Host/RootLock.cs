using Sampan.Linux;
using Sampan.Storage.Records;
using Sampand.Configuration;

namespace Sampand.Host;

/// <summary>Makes this daemon the only one on a directory, until it is disposed of or the process ends.</summary>
internal sealed class RootLock : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _file;

    private RootLock(FileStream file) => _file = file;

    /// <summary>Makes the directory, for its owner alone, and locks it.</summary>
    /// <exception cref="ConfigurationException">Another daemon has it, or it cannot be made.</exception>
    internal static Task<RootLock> TakeAsync(string directory, TimeProvider time) =>
        TakeAsync(directory, "another sampand is already running on '{0}': stop it first, or give this one its own --data-root, --exec-root and --bridge", time);

    /// <summary>As above.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="inUse">What to say if another one has it, with the directory for <c>{0}</c>.</param>
    /// <param name="time">The clock to wait by.</param>
    /// <exception cref="ConfigurationException">As above.</exception>
    internal static async Task<RootLock> TakeAsync(string directory, string inUse, TimeProvider time)
    {
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            if (File.GetUnixFileMode(directory) != OwnerOnly)
                File.SetUnixFileMode(directory, OwnerOnly);
            return await SoleFile.TryOpenAsync(Path.Combine(directory, "sampand.lock"), time, CancellationToken.None) is { } file
                ? new RootLock(file)
                : throw new ConfigurationException(inUse.Replace("{0}", directory, StringComparison.Ordinal));
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new ConfigurationException($"cannot use '{directory}': {denied.Message}", denied);
        }
        catch (IOException failed)
        {
            throw new ConfigurationException($"cannot make '{directory}': {failed.Message}", failed);
        }
        catch (LinuxException refused)
        {
            throw new ConfigurationException($"cannot use '{directory}': {refused.Message}", refused);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
