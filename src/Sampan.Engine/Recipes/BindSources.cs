using Sampan.Engine.Containers.Mounts;

namespace Sampan.Engine.Recipes;

/// <summary>Sees to it that the sources of bind mounts are there.</summary>
internal static class BindSources
{
    /// <summary><c>-v</c> makes what is missing, as a directory of root; <c>--mount</c> is an error.</summary>
    public static void Prepare(IReadOnlyList<MountPoint> mounts)
    {
        foreach (var mount in mounts.Where(m => m.Kind == MountKind.Bind && !Path.Exists(m.Source)))
        {
            if (!mount.CreateSource)
                throw EngineException.Invalid($"invalid mount config for type \"bind\": bind source path does not exist: {mount.Source}");
            try
            {
                Directory.CreateDirectory(mount.Source);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw EngineException.Invalid($"error while creating mount source path '{mount.Source}': {failure.Message}", failure);
            }
        }
    }
}
