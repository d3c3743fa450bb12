using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Mounts;
using Sampan.Storage;

namespace Sampan.Engine.Recipes;

/// <summary>What has to be mounted for the volumes of a container while it, or who looks at its files, uses them. Volumes in the data root need nothing.</summary>
internal static class VolumeUse
{
    /// <summary>Begins; gives the mounts with the directories where the volumes are now.</summary>
    /// <param name="parts">The engine's.</param>
    /// <param name="mounts">The container's.</param>
    /// <param name="user">Who: the container's id, or a name of one's own.</param>
    /// <param name="undo">Gets the inverse of each step.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException">A volume cannot be mounted.</exception>
    public static async Task<IReadOnlyList<MountPoint>> AcquireAsync(EngineParts parts, IReadOnlyList<MountPoint> mounts, string user, Undo undo, CancellationToken ct)
    {
        var placed = new List<MountPoint>(mounts.Count);
        foreach (var mount in mounts)
        {
            if (mount.VolumeName is not { } name)
            {
                placed.Add(mount);
                continue;
            }

            undo.Push($"use volume {name}", () => parts.VolumeMounts.ReleaseAsync(name, user, CancellationToken.None));
            var path = await Translate.RunAsync(() => parts.VolumeMounts.AcquireAsync(name, user, ct));
            placed.Add(mount.Source == path ? mount : mount with { Source = path });
        }

        return placed;
    }

    /// <summary>Ends. What cannot be unmounted goes to the log: the user is gone.</summary>
    public static async Task ReleaseAsync(EngineParts parts, IReadOnlyList<MountPoint> mounts, string user)
    {
        foreach (var name in mounts.Select(mount => mount.VolumeName).OfType<string>().Distinct())
        {
            try
            {
                await parts.VolumeMounts.ReleaseAsync(name, user, CancellationToken.None);
            }
            catch (StorageException failure)
            {
                parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot unmount volume '{name}': {failure.Message}", failure));
            }
        }
    }

    /// <summary>Says who uses volumes since before this daemon.</summary>
    public static void Adopt(EngineParts parts, ContainerSnapshot container)
    {
        foreach (var mount in container.Mounts)
        {
            if (mount.VolumeName is { } name)
                parts.VolumeMounts.Adopt(name, container.Id, mount.Source);
        }
    }
}
