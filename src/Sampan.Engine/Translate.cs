using Sampan.Network;
using Sampan.Runtime;
using Sampan.Storage;
using Sampan.Storage.Distribution;

namespace Sampan.Engine;

/// <summary>Turns the failures of the projects below into the engine's own, once.</summary>
internal static class Translate
{
    /// <summary>Runs something of a project below.</summary>
    public static T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is StorageException or RegistryException or NetworkException or RuntimeException)
        {
            throw Known(failure) ?? failure;
        }
    }

    /// <summary>Runs something of a project below.</summary>
    public static void Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    /// <summary>Runs something of a project below.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (failure is StorageException or RegistryException or NetworkException or RuntimeException)
        {
            throw Known(failure) ?? failure;
        }
    }

    /// <summary>Runs something of a project below.</summary>
    public static Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Runs something that reads an archive which somebody sent: a damaged one is theirs to mend.</summary>
    public static async Task<T> ReadingAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await RunAsync(work);
        }
        catch (EngineException damaged) when (damaged.InnerException is StorageException { Kind: StorageError.Corrupt })
        {
            throw new EngineException(ErrorKind.InvalidArgument, damaged.Message, damaged.InnerException);
        }
    }

    /// <summary>The engine's form of a failure below; null: it is not one that a project below declares.</summary>
    public static EngineException? Known(Exception failure) => failure switch
    {
        StorageException storage => new EngineException(Kind(storage.Kind), storage.Message, storage),
        RegistryException registry => new EngineException(Kind(registry.Kind), registry.Message, registry),
        NetworkException network => new EngineException(Kind(network.Kind), network.Message, network),
        RuntimeException runtime => new EngineException(ErrorKind.Internal, runtime.Message, runtime),
        _ => null,
    };

    private static ErrorKind Kind(StorageError error) => error switch
    {
        StorageError.InvalidInput => ErrorKind.InvalidArgument,
        StorageError.NotFound => ErrorKind.NotFound,
        StorageError.Conflict or StorageError.InUse => ErrorKind.Conflict,
        StorageError.NotSupported => ErrorKind.NotSupported,
        StorageError.Unauthorized => ErrorKind.Unauthorized,
        StorageError.Forbidden => ErrorKind.Forbidden,
        StorageError.Unavailable => ErrorKind.Unavailable,
        _ => ErrorKind.Internal,
    };

    private static ErrorKind Kind(NetworkError error) => error switch
    {
        NetworkError.InvalidInput => ErrorKind.InvalidArgument,
        NetworkError.NotFound => ErrorKind.NotFound,
        NetworkError.Conflict => ErrorKind.Conflict,
        NetworkError.Forbidden or NetworkError.NotConnected => ErrorKind.Forbidden,
        NetworkError.NotSupported => ErrorKind.NotSupported,
        // Docker answers 500 to a port in use; the message tells what to do.
        NetworkError.PortInUse or NetworkError.Exhausted => ErrorKind.Internal,
        _ => ErrorKind.Internal,
    };
}
