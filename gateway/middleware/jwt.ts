import { createRemoteJWKSet, errors, type JWTVerifyOptions, jwtVerify } from 'jose'
import { removeHeader } from '../answer.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

interface Config {
  jwksUrl: string
  issuer: string
  audience: string
  algorithms: readonly string[]
  leewayS: number
  subjectHeader: string
}

export const jwt = kind<Config>('jwt', (config) => {
  // Keys that were fetched once go on being used while their server is away; one that is not known is asked for again,
  // at most every 30 s.
  const keys = createRemoteJWKSet(new URL(config.jwksUrl), { timeoutDuration: 3_000, cooldownDuration: 30_000 })
  const options: JWTVerifyOptions = {
    algorithms: [...config.algorithms],
    clockTolerance: config.leewayS,
    ...(config.issuer === '' ? {} : { issuer: config.issuer }),
    ...(config.audience === '' ? {} : { audience: config.audience }),
  }
  return {
    async process(context, next) {
      removeHeader(context.headers, config.subjectHeader.toLowerCase())
      const match = /^Bearer ([A-Za-z0-9\-_]+\.[A-Za-z0-9\-_]+\.[A-Za-z0-9\-_]+)$/i.exec(
        context.header('authorization') ?? '',
      )
      if (!match) throw unauthorised('Send a token: "Authorization: Bearer …".')
      let subject: string | undefined
      try {
        const { payload } = await jwtVerify(match[1] as string, keys, options)
        subject = payload.sub
      } catch (error) {
        if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
          throw new Refused(503, 'auth', 'The keys that tokens are checked with cannot be had now.', {
            retryAfterMs: 3_000,
            cause: error,
          })
        }
        throw unauthorised(WORDS[error.code] ?? 'This token is not valid.')
      }
      if (subject !== undefined && /^[\x20-\x7e]{1,256}$/.test(subject))
        context.headers.push(config.subjectHeader, subject)
      context.did(() => `token of ${subject ?? 'nobody named'}`)
      return next(context)
    },
  }
})

const WORDS: Record<string, string> = {
  ERR_JWT_EXPIRED: 'This token has expired.',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'This token is for somebody else, or not valid yet.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'The signature of this token is wrong.',
  ERR_JWKS_NO_MATCHING_KEY: 'This token is signed with a key that is not known.',
  ERR_JOSE_ALG_NOT_ALLOWED: 'This token is signed with an algorithm that is not taken.',
}

function unauthorised(message: string): Refused {
  return new Refused(401, 'auth', message, { headers: ['www-authenticate', 'Bearer'] })
}
