namespace Sampan.Storage.Distribution;

/// <summary>Tries again what may succeed a little later: each wait twice as long as the one before, or as long as the registry says.</summary>
internal sealed class RetryPolicy(RegistryOptions options, TimeProvider time)
{
    /// <summary>Runs <paramref name="work"/> until it succeeds, fails for good, or has failed too often.</summary>
    /// <param name="work">One try.</param>
    /// <param name="progressed">True if a failed try moved something, so that it does not count; null: never.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<T> RunAsync<T>(Func<Task<T>> work, Func<bool>? progressed, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (RegistryException failure) when (failure.IsTransient && !(failure.IsUnreachable && progressed is null))
            {
                if (progressed?.Invoke() == true)
                    attempt = 1;
                if (attempt >= options.MaxAttempts)
                    throw;
                await Task.Delay(DelayAfter(attempt, failure), time, ct);
            }
        }
    }

    private TimeSpan DelayAfter(int attempt, RegistryException failure)
    {
        if (failure.RetryAfter > options.MaxRetryDelay)
            throw new RegistryException(failure.Kind, $"{failure.Message} (try again in {failure.RetryAfter.Value.TotalSeconds:0} s)", failure) { Status = failure.Status, Code = failure.Code };
        var usual = options.RetryDelay * Math.Pow(2, attempt - 1);
        var delay = failure.RetryAfter > usual ? failure.RetryAfter.Value : usual;
        return delay < options.MaxRetryDelay ? delay : options.MaxRetryDelay;
    }
}
