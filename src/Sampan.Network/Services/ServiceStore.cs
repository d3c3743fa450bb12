using System.Text.Json;
using Sampan.Linux.Io;

namespace Sampan.Network.Services;

/// <summary>The records of networks' services. They outlive the machine's next start, as their containers do.</summary>
internal sealed class ServiceStore(string directory)
{
    internal IReadOnlyList<VirtualService> Load(string networkId)
    {
        var path = PathOf(networkId);
        if (!File.Exists(path))
            return [];
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), NetworkJson.Default.VirtualServices) is { Schema: VirtualServices.CurrentSchema } read
                ? read.Services
                : throw new NetworkException(NetworkError.NotSupported, $"the record of services '{path}' was written by a newer version");
        }
        catch (JsonException damage)
        {
            throw new NetworkException(NetworkError.Internal, $"the record of services '{path}' is damaged ({damage.Message}): remove the file; services get other addresses then", damage);
        }
    }

    internal void Save(string networkId, IReadOnlyCollection<VirtualService> services)
    {
        if (services.Count == 0)
        {
            Remove(networkId);
            return;
        }

        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.Write(PathOf(networkId), JsonSerializer.SerializeToUtf8Bytes(new VirtualServices { Services = [.. services] }, NetworkJson.Default.VirtualServices));
    }

    internal void Remove(string networkId)
    {
        if (Directory.Exists(directory))
            File.Delete(PathOf(networkId));
    }

    private string PathOf(string networkId) => Path.Combine(directory, networkId + ".json");
}
