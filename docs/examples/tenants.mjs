/** A middleware of one's own: lets known tenants pass, each with so many requests at a time, and counts what they were. */

export default {
  spec: {
    name: 'tenants',
    title: 'Tenants',
    help: 'Lets only known tenants pass, each with so many requests at a time.',
    fields: [
      {
        name: 'header',
        title: 'Header',
        help: 'that names the tenant',
        kind: 'text',
        default: 'x-tenant',
        lengthMax: 128,
        pattern: '^[A-Za-z0-9-]{1,128}$',
      },
      {
        name: 'tenants',
        title: 'Tenants',
        help: 'that may pass',
        kind: 'list',
        default: [],
        itemsMax: 100,
        lengthMax: 64,
        pattern: '^[a-z0-9-]+$',
        required: true,
      },
      {
        name: 'inFlightMax',
        title: 'At a time',
        help: 'for each tenant, in each worker',
        unit: 'requests',
        kind: 'integer',
        default: 20,
        min: 1,
        max: 10_000,
      },
    ],
  },

  /** Once for each route, and again when its config has changed; `before` is the one that stood there until now. */
  create(config, services, before) {
    const tenants = new Set(config.tenants)
    // Taken over, so that requests under way still count after a change.
    const inFlight = before?.inFlight ?? new Map()
    return {
      inFlight,

      async process(context, next) {
        const began = services.now()
        const tenant = context.header(config.header.toLowerCase()) ?? ''
        if (!tenants.has(tenant)) return refuse(403, 'auth', `"${tenant}" is not a tenant of ours.`)
        const now = inFlight.get(tenant) ?? 0
        if (now >= config.inFlightMax) return refuse(429, 'limit', `${tenant} has ${now} requests under way already.`)
        inFlight.set(tenant, now + 1)
        // Runs once, when the answer is through or will never be: also when the client goes or the service hangs.
        context.onDone(() => {
          const left = inFlight.get(tenant) - 1
          if (left > 0) inFlight.set(tenant, left)
          else inFlight.delete(tenant)
        })
        const answer = await next(context)
        // Shown by "Try a request"; costs nothing otherwise.
        context.did(() => `${tenant}: ${now + 1} at a time, ${Math.round(services.now() - began)} ms`)
        answer.headers.push('x-served-tenant', tenant)
        return answer
      },
    }
  },
}

/** An answer in the service's place. `refusal` says in the log and the figures which part gave it. */
function refuse(status, refusal, detail) {
  const body = Buffer.from(JSON.stringify({ title: 'Refused', status, detail, part: refusal }))
  const headers = ['content-type', 'application/problem+json', 'content-length', String(body.length)]
  return { status, headers, body, refusal, error: detail }
}
