using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Mounts;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Images mounted into containers (<c>--mount type=image</c>). Each is a snapshot of the container's own, which keeps the image's layers as long as
/// the container is there, whatever becomes of the image; it is mounted read-only.
/// </summary>
internal static class ImageMounts
{
    /// <summary>The id of the container that a snapshot belongs to.</summary>
    public static string OwnerOf(string snapshotKey) => snapshotKey.Split('.')[0];

    /// <summary>Makes the snapshots.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: no such image. Not 404, which tells clients to pull the container's.</exception>
    public static async Task<IReadOnlyList<MountPoint>> PrepareAsync(EngineParts parts, string id, IReadOnlyList<MountPoint> mounts, Undo undo, CancellationToken ct)
    {
        var prepared = new List<MountPoint>();
        foreach (var mount in mounts)
        {
            if (mount.Kind != MountKind.Image)
            {
                prepared.Add(mount);
                continue;
            }

            var image = Translate.Run(() => parts.Images.Find(mount.Source))
                ?? throw EngineException.Invalid($"invalid mount config for type \"image\": no such image: {mount.Source}: pull it first");
            var key = $"{id}.image{prepared.Count}";
            undo.Push($"prepare image {mount.Source}", () => parts.Snapshots.Remove(key));
            await Translate.RunAsync(() => parts.Snapshots.PrepareAsync(key, image, ct));
            prepared.Add(mount with { SnapshotKey = key });
        }

        return prepared;
    }

    /// <summary>How they are mounted, by their place in the container.</summary>
    public static IReadOnlyDictionary<string, Mount> Describe(EngineParts parts, ContainerSnapshot container) => container.Mounts
        .Where(mount => mount.SnapshotKey is not null)
        .ToDictionary(mount => mount.Destination, mount => Shown(parts, container, Translate.Run(() => parts.Snapshots.ImageMount(mount.SnapshotKey ?? ""))));

    private static Mount Shown(EngineParts parts, ContainerSnapshot container, Mount mount) => parts.UsersOf(container.Spec)?.Shown(mount) ?? mount;

    /// <summary>Removes the snapshots.</summary>
    public static void Remove(EngineParts parts, ContainerSnapshot container)
    {
        foreach (var mount in container.Mounts)
        {
            if (mount.SnapshotKey is { } key)
                parts.Snapshots.Remove(key);
        }
    }
}
